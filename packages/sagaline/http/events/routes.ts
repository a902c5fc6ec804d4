import type { OpenAPIHono } from '@hono/zod-openapi';
import type { EventValue } from '../../contracts/event.ts';
import { parsePayload } from '../../events/parse-payload.ts';
import { validTraceparent } from '../../events/traceparent.ts';
import { createAcceptEvent } from './accept-event.ts';
import type { AppEnv } from '../env.ts';
import type { Writing } from '../guards.ts';
import { idempotentRequest } from '../idempotency.ts';
import type { HttpDeps } from '../ports.ts';
import { Problem, orProblem } from '../problem.ts';
import { Accepted } from '../openapi/schemas.ts';
import { IdempotencyKey } from '../openapi/params.ts';
import { BODY_PROBLEMS, json, problems } from '../openapi/responses.ts';

/** POST /v1/events/:type: one documented path for each event that a saga takes from outside, one handler behind them. */
export function eventRoutes(app: OpenAPIHono<AppEnv>, deps: HttpDeps, { idempotency, guards }: Writing): void {
  const { catalogue, routes, observer, failpoint } = deps;
  const taken = routes.topics.filter((type) => catalogue.comesFromOutside(type));
  const acceptEvent = createAcceptEvent({ ...deps, idempotency });
  for (const event of taken.flatMap((type) => catalogue.find(type) ?? [])) document(app, event);

  app.post('/v1/events/:type', ...guards.json, async (c) => {
    const event = takenEvent(c.req.param('type'));
    const payload = orProblem(() => parsePayload(event, c.get('body')));
    const traceparent = validTraceparent(c.req.header('traceparent'));
    const answer = await acceptEvent({ event, payload, traceparent, request: idempotentRequest(c) });
    if (answer.saga) c.set('saga', answer.saga.id);
    observer.eventAccepted(event.type);
    failpoint('http.before-answer');
    return c.json(answer, 202);
  });

  /** @throws Problem for types that nobody knows, that no saga takes, and that only Sagaline itself may say */
  function takenEvent(type: string): EventValue {
    const list = `taken: ${taken.join(', ')}`;
    const event = catalogue.find(type);
    if (!event) throw new Problem('unknown-event-type', list);
    if (!catalogue.comesFromOutside(type)) {
      throw new Problem(
        'event-not-accepted',
        `${type} is what Sagaline itself says, and not taken from outside; ${list}`,
      );
    }
    if (routes.topics.includes(type)) return event;
    throw new Problem('event-not-accepted', `no saga starts on ${type} or follows it; ${list}`);
  }
}

function document(app: OpenAPIHono<AppEnv>, { type, key, schema }: EventValue): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: `/v1/events/${type}`,
    operationId: `post-${type}`,
    tags: ['events'],
    summary: `Takes one ${type} and puts it on Kafka`,
    request: {
      headers: IdempotencyKey,
      body: { ...json(`Business key: ${key}`, schema), required: true },
    },
    responses: {
      202: json('It is on Kafka; the same request again gives the same answer', Accepted),
      ...problems('conflicting-duplicate', 'idempotency-key-reused', ...BODY_PROBLEMS),
    },
  });
}
