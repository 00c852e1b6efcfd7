/** States a control with its parameter type inferred from the schema. */
export function control(definition) {
    return definition;
}
