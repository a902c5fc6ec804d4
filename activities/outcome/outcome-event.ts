import { isEventType, type EventType, type Payload } from '../../workflows/contracts/events.ts';
import type { OutcomeEvent, SagaRef } from '../../workflows/contracts/participants.ts';
import type { OutboxEntry } from '../outbox/append-event.ts';
import { checkPayload } from '../outbox/check-payload.ts';
import { InvalidOutcome } from './failures.ts';

/**
 * Makes an outbox entry of what a saga emits.
 *
 * @throws InvalidOutcome (retryable) when it does not fit the schema of its event type
 */
export function toOutboxEntry(saga: SagaRef, eventId: string, { type, payload }: OutcomeEvent): OutboxEntry {
  if (!isEventType(type)) throw new InvalidOutcome(type, ['no such event type']);
  return { eventId, type, payload: parse(type, payload), traceparent: saga.traceparent, workflowId: saga.workflowId };
}

function parse(type: EventType, payload: unknown): Payload<EventType> {
  const checked = checkPayload(type, payload);
  if (!checked.fault) return checked.payload;
  throw new InvalidOutcome(
    type,
    checked.problems.map(({ path, message }) => `${path || 'payload'}: ${message}`),
  );
}
