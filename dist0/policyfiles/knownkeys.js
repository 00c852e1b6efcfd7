import { z } from 'zod';
/** The keys that a schema knows in the map at a path; empty where it takes any or there is no map. */
export function knownKeys(schema, path) {
    let shapes = [shapeOf(schema)];
    for (const step of path)
        shapes = shapes.flatMap(alternatives).flatMap((shape) => below(shape, step));
    return [
        ...new Set(shapes.flatMap(alternatives).flatMap(({ properties }) => Object.keys(properties ?? {}))),
    ];
}
/** A schema's description does not change, and a broken file asks for it once a mistake. */
const described = new WeakMap();
function shapeOf(schema) {
    let shape = described.get(schema);
    if (shape === undefined) {
        // JSON Schema is zod's public description of a schema; of its forms, those named in Shape matter here.
        shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });
        described.set(schema, shape);
    }
    return shape;
}
function alternatives(shape) {
    const nested = [...(shape.anyOf ?? []), ...(shape.allOf ?? [])];
    return [shape, ...nested.flatMap(alternatives)];
}
function below({ properties, additionalProperties, items }, step) {
    if (typeof step === 'number')
        return items === undefined ? [] : [items];
    const own = properties?.[String(step)];
    if (own !== undefined)
        return [own];
    return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}
