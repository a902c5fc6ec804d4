import type { OpenAPIHono } from '@hono/zod-openapi';
import { events, isEventType, type EventType } from '../../../workflows/contracts/events.ts';
import { parsePayload } from '../../kafka/parse-payload.ts';
import { validTraceparent } from '../../kafka/traceparent.ts';
import { createAcceptEvent } from '../accept-event.ts';
import type { AppEnv } from '../env.ts';
import { comesFromOutside } from '../event-origins.ts';
import type { Writing } from '../guards.ts';
import { idempotentRequest } from '../idempotency.ts';
import type { HttpDeps } from '../ports.ts';
import { Problem, orProblem } from '../problem.ts';
import { Accepted } from '../schemas.ts';
import { IdempotencyKey } from './params.ts';
import { BODY_PROBLEMS, json, problems } from './responses.ts';

/** POST /v1/events/:type: one documented path for each event type that a saga takes from outside, one handler behind them. */
export function eventRoutes(app: OpenAPIHono<AppEnv>, deps: HttpDeps, { idempotency, guards }: Writing): void {
  const { routes, observer, failpoint } = deps;
  const taken = routes.topics.filter(isEventType).filter(comesFromOutside);
  const acceptEvent = createAcceptEvent({ ...deps, idempotency });
  for (const type of taken) document(app, type);

  app.post('/v1/events/:type', ...guards.json, async (c) => {
    const type = inputType(c.req.param('type'));
    const payload = orProblem(() => parsePayload(type, c.get('body')));
    const traceparent = validTraceparent(c.req.header('traceparent'));
    const answer = await acceptEvent({ type, payload, traceparent, request: idempotentRequest(c) });
    if (answer.saga) c.set('saga', answer.saga.id);
    observer.eventAccepted(type);
    failpoint('http.before-answer');
    return c.json(answer, 202);
  });

  /** @throws Problem for types that nobody knows, that no saga takes, and that only Sagaline itself may say */
  function inputType(type: string): EventType {
    const list = `taken: ${taken.join(', ')}`;
    if (!isEventType(type)) throw new Problem('unknown-event-type', list);
    if (!comesFromOutside(type)) {
      throw new Problem(
        'event-not-accepted',
        `${type} is what Sagaline itself says, and not taken from outside; ${list}`,
      );
    }
    if (routes.topics.includes(type)) return type;
    throw new Problem('event-not-accepted', `no saga starts on ${type} or follows it; ${list}`);
  }
}

function document(app: OpenAPIHono<AppEnv>, type: EventType): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: `/v1/events/${type}`,
    operationId: `post-${type}`,
    tags: ['events'],
    summary: `Takes one ${type} and puts it on Kafka`,
    request: {
      headers: IdempotencyKey,
      body: { ...json(`Business key: ${events[type].key}`, events[type].schema), required: true },
    },
    responses: {
      202: json('It is on Kafka; the same request again gives the same answer', Accepted),
      ...problems('conflicting-duplicate', 'idempotency-key-reused', ...BODY_PROBLEMS),
    },
  });
}
