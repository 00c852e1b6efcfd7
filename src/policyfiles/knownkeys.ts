import { z } from 'zod';

/** What of JSON Schema says which keys a map may have. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
}

/** The keys that a schema knows in the map at a path; empty where it takes any or there is no map. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let shapes: readonly Shape[] = [shapeOf(schema)];
  for (const step of path) shapes = shapes.flatMap(alternatives).flatMap((shape) => below(shape, step));
  return [
    ...new Set(shapes.flatMap(alternatives).flatMap(({ properties }) => Object.keys(properties ?? {}))),
  ];
}

/** A schema's description does not change, and a broken file asks for it once a mistake. */
const described = new WeakMap<z.ZodType, Shape>();

function shapeOf(schema: z.ZodType): Shape {
  let shape = described.get(schema);
  if (shape === undefined) {
    // JSON Schema is zod's public description of a schema; of its forms, those named in Shape matter here.
    shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Shape;
    described.set(schema, shape);
  }
  return shape;
}

function alternatives(shape: Shape): readonly Shape[] {
  const nested = [...(shape.anyOf ?? []), ...(shape.allOf ?? [])];
  return [shape, ...nested.flatMap(alternatives)];
}

function below({ properties, additionalProperties, items }: Shape, step: PropertyKey): readonly Shape[] {
  if (typeof step === 'number') return items === undefined ? [] : [items];
  const own = properties?.[String(step)];
  if (own !== undefined) return [own];
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}
