import { condition, CancellationScope, defineSignal, setHandler } from '@temporalio/workflow';
import type { EventType, Payload } from '../contracts/events.ts';
import { CANCEL_SIGNAL, type CancelRequest, type FollowUp } from '../contracts/saga.ts';
import type { Control } from './control.ts';
import type { Duration, FollowUpRule } from './definition.ts';
import { msOf } from './duration.ts';

/** Answers a cancel that came too late; `requestId` makes the answer unique. */
export type RefuseCancel = (requestId: string, state: string) => void;

export type FollowUps = ReturnType<typeof createFollowUps>;

/** What reaches a running saga from outside: follow-up events, each applied once, and requests to cancel. */
export function createFollowUps(rules: readonly FollowUpRule[], control: Control, refuseCancel: RefuseCancel) {
  const seen = new Set<string>();
  const inHand = new Map<string, unknown[]>();

  /** Synchronous where it can be, so that a cancel that came before its saga comes before its first step, too. */
  function cancel(reason: string, requestId: string): void {
    const between = () => control.phase === 'pivoting' || control.phase === 'claiming';
    const decide = () => {
      if (control.phase === 'forward') control.abort({ kind: 'cancel', reason, requestId });
      else if (control.phase !== 'rollingBack')
        refuseCancel(requestId, control.phase === 'completed' ? 'completed' : 'running');
    };
    if (!between()) return decide();
    void CancellationScope.nonCancellable(() => condition(() => !between())).then(decide);
  }

  function deliver(rule: FollowUpRule, { eventId, data }: FollowUp): void {
    if (seen.has(eventId)) return;
    seen.add(eventId);
    if (rule.cancels) return cancel(reasonOf(data), eventId);
    inHand.set(rule.type, [...(inHand.get(rule.type) ?? []), data]);
  }

  for (const rule of rules) {
    setHandler(defineSignal<[FollowUp]>(rule.type), (followUp) => deliver(rule, followUp));
  }
  setHandler(defineSignal<[CancelRequest]>(CANCEL_SIGNAL), ({ reason, requestId }) => {
    if (seen.has(requestId)) return;
    seen.add(requestId);
    cancel(reason, requestId);
  });
  return {
    cancel,

    /** Applies what arrived before the saga, before its first step. */
    deliverEarly(early: readonly FollowUp[]): void {
      for (const followUp of early) {
        const rule = rules.find(({ type }) => type === followUp.type);
        if (rule) deliver(rule, followUp);
      }
    },

    /** Waits for the next event of a type; undefined when none came within the time (ms or ms-formatted). */
    async next<T extends EventType>(type: T, within: Duration): Promise<Payload<T> | undefined> {
      const arrived = await condition(() => (inHand.get(type)?.length ?? 0) > 0, msOf(within));
      return arrived ? (inHand.get(type)?.shift() as Payload<T>) : undefined;
    },
  };
}

function reasonOf(data: unknown): string {
  const reason = (data as { reason?: unknown } | null)?.reason;
  return typeof reason === 'string' ? reason : 'CancelRequested';
}
