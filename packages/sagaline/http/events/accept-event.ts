import { createHash, randomUUID } from 'node:crypto';
import { businessKeyOf, type EventValue, type PayloadOf } from '../../contracts/event.ts';
import { encodeCloudEvent } from '../../events/cloud-events.ts';
import { producerEventId } from '../../events/event-id.ts';
import type { Target } from '../../dispatch/dispatch.ts';
import type { IdempotentRequest, IdempotencyStore } from '../idempotency.ts';
import { sagaLink, type Link } from '../links.ts';
import type { HttpDeps } from '../ports.ts';
import { orProblem, unavailable } from '../problem.ts';
import { refuseConflict } from '../refuse-conflict.ts';
import { withinMs } from '../within.ts';

/** The CloudEvents source of everything that came in by HTTP. */
export const EVENT_SOURCE = '/sagaline/http';

export interface IncomingEvent<E extends EventValue = EventValue> {
  readonly event: E;
  readonly payload: PayloadOf<E>;
  readonly traceparent?: string | undefined;
  /** Present when the caller sent an Idempotency-Key. */
  readonly request?: IdempotentRequest | undefined;
}

export interface AcceptedEvent {
  /** The id under which the inbox will know it. */
  readonly eventId: string;
  readonly type: string;
  readonly key: string;
  /** The saga it starts or reaches. */
  readonly saga?: Link;
}

/** What is stored for a repetition: the answer, and the id that its record carries. */
interface Stored {
  readonly answer: AcceptedEvent;
  readonly cloudEventId: string;
}

type Deps = Pick<HttpDeps, 'database' | 'producer' | 'routes' | 'options'> & { readonly idempotency: IdempotencyStore };

/**
 * Takes an event: into Kafka, where ingest finds it like any other producer's.
 *
 * The answer is known before Kafka has the record, so it is stored first: whoever repeats a request with its key gets the
 * same answer, however the first attempt ended. Producing twice does no harm, because both copies have one event id.
 */
export function createAcceptEvent({ database, producer, routes, options, idempotency }: Deps) {
  return async function acceptEvent(incoming: IncomingEvent): Promise<AcceptedEvent> {
    const { event, payload, request } = incoming;
    const known = request && (await idempotency.find<Stored>(request));
    if (known) {
      if (!(await isInInbox(known.answer.eventId))) await produce(incoming, known);
      return known.answer;
    }
    const targets = orProblem(() => routes.targetsOf(event.type, payload));
    await refuseConflict(database, targets, payload);
    const fresh = storedFor(incoming, targets);
    const stored = request ? await idempotency.remember(request, 202, fresh) : fresh;
    await produce(incoming, stored);
    return stored.answer;
  };

  function storedFor({ event, payload, request }: IncomingEvent, targets: readonly Target[]): Stored {
    const { type } = event;
    const key = businessKeyOf(event, payload);
    const cloudEventId = routes.startsSaga(type) ? `${type}/${key}` : idOfFollowUp(request);
    const eventId = producerEventId(EVENT_SOURCE, cloudEventId);
    const [target] = targets;
    return { cloudEventId, answer: { eventId, type, key, ...(target ? { saga: sagaLink(target.workflowId) } : {}) } };
  }

  async function isInInbox(eventId: string): Promise<boolean> {
    return (await database.inboxEvent.count({ where: { eventId } })) > 0;
  }

  async function produce(incoming: IncomingEvent, { answer, cloudEventId }: Stored): Promise<void> {
    const { type, key } = answer;
    const record = encodeCloudEvent({
      eventId: cloudEventId,
      type,
      topic: type,
      key,
      source: EVENT_SOURCE,
      time: new Date(),
      json: JSON.stringify(incoming.payload),
      traceparent: incoming.traceparent,
    });
    try {
      await withinMs(options.produceTimeoutMs, producer.send([record]));
    } catch (cause) {
      throw unavailable('Kafka does not take events at the moment; repeat the request', cause);
    }
  }
}

/** Two cancel requests are two events, unless the caller says that they are one. */
function idOfFollowUp(request: IdempotentRequest | undefined): string {
  if (!request) return randomUUID();
  return createHash('sha256')
    .update(JSON.stringify([request.caller, request.key]))
    .digest('hex')
    .slice(0, 32);
}
