import type { FollowUp, SagaInput } from '../contracts/saga.ts';
import type { SagaStarter } from '../temporal/start-saga.ts';
import type { AcceptedEvent } from '../events/parse-record.ts';
import type { Target } from '../dispatch/dispatch.ts';
import type { Transition } from './arrival.ts';

/** What a workflow's input may carry of parked follow-ups, in bytes; the others are signalled once it runs. */
const MAX_FOLLOW_UP_BYTES = 256 * 1024;

/** An event that starts a saga: one that has just arrived, or one that the inbox has kept. */
export interface StartingEvent {
  readonly event: Pick<AcceptedEvent, 'eventId' | 'type' | 'key' | 'payload' | 'position' | 'traceparent'>;
  readonly target: Target;
}

/**
 * Starts the saga of an arrival, with the follow-ups that came before it, so that a cancel is known before the first step.
 *
 * @returns the new states of the event and of the follow-ups that went along. With a workflow that ran already none did:
 *   they stay parked, and are found there after the start
 */
export async function startArrival(
  startSaga: SagaStarter,
  { event, target }: StartingEvent,
  parked: readonly FollowUp[],
): Promise<Transition[]> {
  const { route, sagaId, workflowId } = target;
  const sagaName = route.saga.name;
  const followUps = withinLimit(parked);
  const input: SagaInput = {
    sagaId,
    eventId: event.eventId,
    data: event.payload,
    source: event.position,
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    ...(followUps.length === 0 ? {} : { followUps }),
  };
  const result = await startSaga({ sagaName, type: event.type, businessKey: event.key, input });
  const started: Transition = { eventId: event.eventId, sagaName, workflowId, state: 'started' };
  if (result === 'alreadyStarted') return [started];
  const once = new Set(route.saga.followUps.filter(({ deliver }) => deliver === 'once').map(({ type }) => type));
  const brought = followUps.map(({ type, eventId }): Transition => {
    return { eventId, sagaName, workflowId, state: 'signalled', deliveredType: once.has(type) ? type : undefined };
  });
  return [started, ...brought];
}

function withinLimit(parked: readonly FollowUp[]): FollowUp[] {
  let bytes = 0;
  return parked.filter((followUp) => (bytes += Buffer.byteLength(JSON.stringify(followUp))) <= MAX_FOLLOW_UP_BYTES);
}
