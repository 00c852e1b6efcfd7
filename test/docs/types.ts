/** What is used here of JSON Schema, as zod writes it. */
export interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

const words: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  integer: 'whole number',
  number: 'number',
  string: 'text',
};

/** A parameter's type as an administrator would say it. */
export function typeInWords(schema: Schema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeInWords).join(' or ');
  if (schema.type === 'array') return `list of ${typeInWords(schema.items ?? {})}`;
  if (schema.properties !== undefined) {
    const required = new Set(schema.required);
    const keys = Object.keys(schema.properties).map((key) => (required.has(key) ? key : `${key}?`));
    return `\`{ ${keys.join(', ')} }\``;
  }
  if (typeof schema.additionalProperties === 'object') {
    return `map to ${typeInWords(schema.additionalProperties)}`;
  }
  if (typeof schema.type === 'string') return words[schema.type] ?? schema.type;
  throw new Error(`no words for the type ${JSON.stringify(schema)}`);
}
