import { z } from 'zod';
import { describeApi } from '../openapi.ts';
import { json, type Route, route } from '../route.ts';

/** The description of the routes, and of itself. */
export function openapi(others: readonly Route[]): Route {
  const own: Route = route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description, in OpenAPI 3.1.',
    answer: json('OpenApi', z.looseObject({ openapi: z.literal('3.1.1') })),
    handle: (_, { version }) => describeApi([...others, own], version),
  });
  return own;
}
