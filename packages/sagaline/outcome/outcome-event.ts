import type { Catalogue } from '../contracts/catalogue.ts';
import type { EventValue, PayloadOf } from '../contracts/event.ts';
import type { OutcomeEvent, SagaRef } from '../contracts/participants.ts';
import type { OutboxEntry } from '../outbox/append-event.ts';
import { checkPayload } from '../outbox/check-payload.ts';
import { InvalidOutcome } from './failures.ts';

/** Makes outbox entries of what sagas emit, by the catalogue that has their schemas: histories know no more than names. */
export function createOutboxEntries(catalogue: Catalogue) {
  /** @throws InvalidOutcome (retryable) when it does not fit the schema of its event */
  return function toOutboxEntry(saga: SagaRef, eventId: string, { type, payload }: OutcomeEvent): OutboxEntry {
    const event = catalogue.find(type);
    if (!event) throw new InvalidOutcome(type, ['no such event type']);
    return {
      ...{ eventId, event, payload: parse(event, payload) },
      ...{ traceparent: saga.traceparent, workflowId: saga.workflowId },
    };
  };
}

function parse<E extends EventValue>(event: E, payload: unknown): PayloadOf<E> {
  const checked = checkPayload(event, payload);
  if (!checked.fault) return checked.payload;
  throw new InvalidOutcome(
    event.type,
    checked.problems.map(({ path, message }) => `${path || 'payload'}: ${message}`),
  );
}
