import { appendEvent } from '../outbox/append-event.ts';
import type { Database } from '../prisma/database.ts';
import type { EventValue, PayloadOf } from '../contracts/event.ts';
import { CANCEL_TOO_LATE, cancelRefusedIdOf, type FollowUp, type SagaState } from '../contracts/saga.ts';
import type { createKeepCancel } from '../sagas/keep-cancel.ts';
import type { SagaSignaller } from '../temporal/signal-saga.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import type { ParkedFollowUp, Transition } from './arrival.ts';
import { findSaga, type FoundSaga } from './sql/find-saga.ts';
import { settleEvents } from './sql/settle-events.ts';

/** Where a follow-up ended up. `parked`: its saga has yet to start. */
export type Delivered = Transition & { readonly state: 'signalled' | 'parked' | 'ignored' | 'tooLate' };

export interface FollowUpDeps {
  readonly database: Database;
  readonly signalSaga: SagaSignaller;
  /** For a saga whose workflow ended from outside. */
  readonly keepCancel: ReturnType<typeof createKeepCancel>;
  readonly routes: Routes;
}

/**
 * Brings a follow-up to its saga; twice is harmless, for the kernel applies an event id once. The caller settles the
 * inbox row.
 */
export function createFollowUpDelivery({ database, signalSaga, keepCancel, routes }: FollowUpDeps) {
  /** @param known the saga's state where the caller has just read it, which saves a look */
  return async function deliverFollowUp(parked: ParkedFollowUp, known?: SagaState | null): Promise<Delivered> {
    const { sagaName, workflowId, followUp } = parked;
    const rule = routes.followUpOf(sagaName, followUp.type)?.rule;
    const ended = (state: Delivered['state']): Delivered => {
      const deliveredType = state === 'signalled' && rule?.deliver === 'once' ? followUp.type : undefined;
      return { eventId: followUp.eventId, sagaName, workflowId, state, deliveredType };
    };

    const state = known ?? (await findSaga(database, workflowId))?.state;
    if (state === undefined) return ended(rule?.ifNoSaga === 'ignore' ? 'ignored' : 'parked');
    if (isLive(state) && (await signalSaga(workflowId, followUp)) === 'signalled') return ended('signalled');
    // Nothing runs. Read after the attempt, the row says whether it is too early for that or too late.
    const saga = await findSaga(database, workflowId);
    if (!saga || (isLive(saga.state) && saga.startState === 'received')) return ended('parked');
    // Its workflow ended from outside: what was said to it waits for a reset, and a cancel turns it around then.
    if (isLive(saga.state)) {
      if (rule?.cancels) await keepCancel(workflowId, causeOf(followUp));
      return ended(rule?.ifNoSaga === 'ignore' && !rule.cancels ? 'ignored' : 'parked');
    }
    if (!rule?.cancels) return ended('ignored');
    await answerTooLate(parked, saga);
    return ended('tooLate');
  };

  /** Inbox row and answer in one transaction; a saga that is cancelled already needs none. */
  async function answerTooLate(parked: ParkedFollowUp, saga: FoundSaga): Promise<void> {
    const { sagaName, workflowId, followUp } = parked;
    if (saga.state === 'cancelled' || saga.startPayload === null) return;
    const registration = routes.followUpOf(sagaName, followUp.type)?.saga;
    const answer = registration?.cancelRefused(saga.startPayload, { reason: CANCEL_TOO_LATE, state: saga.state });
    const event = registration?.events.find(({ type }) => type === answer?.type);
    if (!answer || !event) return;
    const entry = {
      eventId: cancelRefusedIdOf(workflowId, followUp.eventId),
      event,
      payload: answer.payload as PayloadOf<EventValue>,
      traceparent: saga.traceparent ?? undefined,
      workflowId,
    };
    await database.$transaction(async (tx) => {
      await settleEvents(tx, [{ eventId: followUp.eventId, sagaName, workflowId, state: 'tooLate' }]);
      await appendEvent(tx, entry);
    });
  }
}

export type FollowUpDelivery = ReturnType<typeof createFollowUpDelivery>;

/** As the kernel would have it of the signal. */
function causeOf({ eventId, data }: FollowUp) {
  const { reason } = data as { readonly reason?: unknown };
  return {
    kind: 'cancel',
    requestId: eventId,
    reason: typeof reason === 'string' ? reason : 'CancelRequested',
  } as const;
}

function isLive(state: SagaState): boolean {
  return state === 'running' || state === 'rollingBack';
}
