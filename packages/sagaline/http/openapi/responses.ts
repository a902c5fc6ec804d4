import type { RouteConfig } from '@hono/zod-openapi';
import type { z } from 'zod';
import { PROBLEMS, type ProblemName } from '../problem.ts';
import { ProblemDetails } from './schemas.ts';

type Responses = RouteConfig['responses'];

/** What every route may answer, beside its own; `malformed-request` for a query parameter that it does not know. */
const ALWAYS: readonly ProblemName[] = ['malformed-request', 'unauthorized', 'internal-error', 'unavailable'];
/** What every route with a body may answer. */
export const BODY_PROBLEMS: readonly ProblemName[] = [
  'malformed-request',
  'body-too-large',
  'unsupported-media-type',
  'invalid-content',
  'too-many-requests',
];

/** Documents problem answers: one entry a status, which names the problems behind it. */
export function problems(...names: readonly ProblemName[]): Responses {
  return describe([...names, ...ALWAYS]);
}

/** The same for a route that needs no key and asks nobody: only what is listed. */
export function describe(names: readonly ProblemName[]): Responses {
  const described = new Map<number, string[]>();
  for (const name of new Set(names)) {
    const { status, title } = PROBLEMS[name];
    described.set(status, [...(described.get(status) ?? []), `${name}: ${title}`]);
  }
  const content = { 'application/problem+json': { schema: ProblemDetails } };
  return Object.fromEntries(
    [...described].map(([status, lines]) => [status, { description: lines.join('; '), content }]),
  );
}

/** Documents a JSON answer or body. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}
