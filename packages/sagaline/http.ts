/**
 * What routes of an application are made of, for `sagaline/http`: they stand on the engine's own API, so that its keys, bounds,
 * problem answers and OpenAPI document hold for them too. Begin with {@link defineRoutes}.
 *
 * @module sagaline/http
 */
export { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
export type { EventTarget, EventTargets } from './dispatch/dispatch.ts';
export { sourceOf } from './events/cloud-events.ts';
export { producerEventId } from './events/event-id.ts';
export { parsePayload } from './events/parse-payload.ts';
export { validTraceparent } from './events/traceparent.ts';
export type { EventBatches } from './http/batches/routes.ts';
export {
  defineRoutes,
  type AppRoutes,
  type RegisterRoutes,
  type RoutesDefinition,
  type RouteTools,
} from './http/define-routes.ts';
export type { AppContext, AppEnv } from './http/env.ts';
export type { RouteGuards } from './http/guards.ts';
export { idempotentRequest, type IdempotencyStore, type IdempotentRequest } from './http/idempotency.ts';
export { sagaLink, type Link } from './http/links.ts';
export { IdempotencyKey, idOf, IdParams, Limit } from './http/openapi/params.ts';
export { BODY_PROBLEMS, json, problems } from './http/openapi/responses.ts';
export { page, SagaLink } from './http/openapi/schemas.ts';
export { decodeCursor, encodeCursor, POSITION } from './http/pages/cursor.ts';
export { pageOf, withinBytes, type PageBounds, type Sized } from './http/pages/page-bytes.ts';
export {
  orProblem,
  Problem,
  PROBLEMS,
  type FieldProblem,
  type ProblemName,
  type ProblemOptions,
} from './http/problem.ts';
export { readProjection } from './http/projection-reads.ts';
export { refuseConflict } from './http/refuse-conflict.ts';
