import { z } from 'zod';
import type { Code } from '../model/codes.ts';
import { problemSchema, problemType, statusOf } from './problem.ts';
import type { Route } from './route.ts';

/** Codes that any route may answer. */
const everywhere: readonly Code[] = ['api-query', 'api-token', 'api-host', 'api-rate', 'internal-error'];

/** Codes of routes that take a body. */
const ofBodies: readonly Code[] = ['api-body', 'api-body-too-large', 'api-body-type'];

type Json = Readonly<Record<string, unknown>>;

/** The routes in OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1), out of the schemas that validate them. */
export function describeApi(
  routes: readonly Route[],
  version: string,
): { openapi: '3.1.1' } & Record<string, unknown> {
  const named = routes.flatMap(({ answer: { name, schema } }): [string, Json][] =>
    name === undefined || schema === undefined ? [] : [[name, schemaOf(schema, 'output')]],
  );
  return {
    openapi: '3.1.1',
    info: {
      title: 'Bulwark admin API',
      version,
      description:
        'Reached over the unix socket `DATA/admin.sock`, without a token; over TCP, on loopback alone, with `Authorization: Bearer TOKEN` of `bulwark token issue --admin`. Errors are problem details of RFC 9457.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{}, { token: [] }],
    paths: pathsOf(routes),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { ...Object.fromEntries(named), Problem: schemaOf(problemSchema, 'output') },
    },
  };
}

function pathsOf(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return paths;
}

function operationOf({ summary, description, params, query, body, answer, errors = [] }: Route): Json {
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')];
  const codes = [...everywhere, ...(body === undefined ? [] : ofBodies), ...errors];
  return {
    summary,
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: {
      200: { description: 'Done.', content: { [answer.type]: { schema: answerSchema(answer) } } },
      ...problemsOf(codes),
    },
  };
}

function answerSchema({ name, type }: Route['answer']): Json {
  // OpenAPI 3.1 has no words for what is inside a stream: its text is named, and the schema of its data beside it.
  if (type === 'text/event-stream')
    return { type: 'string', description: `Events whose data is a \`${name}\`, see the schemas.` };
  return name === undefined ? { type: 'string' } : { $ref: `#/components/schemas/${name}` };
}

function problemsOf(codes: readonly Code[]): Json {
  const statuses = Map.groupBy(codes, statusOf);
  return Object.fromEntries(
    [...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, list]) => [
        status,
        {
          description: [...new Set(list)].map((code) => `\`${code}\``).join(', '),
          content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]),
  );
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Json[] {
  if (schema === undefined) return [];
  // What zod writes for the strict objects that parameters are.
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

/** A schema in JSON Schema 2020-12, which OpenAPI 3.1 takes as it is. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
  });
  return described;
}
