import { condition, CancellationScope, defineSignal, log, setHandler } from '@temporalio/workflow';
import type { EventValue, PayloadOf } from '../contracts/event.ts';
import { LAST_INSTANT_MS, MAX_REASON, MAX_REQUEST_ID } from '../contracts/limits.ts';
import { CANCEL_SIGNAL, type CancelRequest, type FollowUp } from '../contracts/saga.ts';
import { storableText } from '../contracts/text.ts';
import type { Control } from './control.ts';
import type { FollowUpRule, NextOptions } from './definition.ts';
import { msOf, type Duration } from './duration.ts';
import type { Journal } from './journal.ts';
import type { KernelRules } from './kernel-versions.ts';

/** Answers a cancel that came too late; `requestId` makes the answer unique. */
export type RefuseCancel = (requestId: string, state: string) => void;

interface FollowUpsDeps {
  readonly control: Control;
  readonly journal: Journal;
  readonly rules: KernelRules;
  readonly refuseCancel: RefuseCancel;
}

/** What reaches a running saga from outside: follow-up events, each applied once, and requests to cancel. */
export function createFollowUps(
  expected: readonly FollowUpRule[],
  { control, journal, rules: { nextLooksFirst }, refuseCancel }: FollowUpsDeps,
) {
  const seen = new Set<string>();
  /** Cancels that came in the middle of a pivot or of the claim, and have no answer yet. */
  const undecided = new Set<Promise<void>>();
  const inHand = new Map<string, unknown[]>();

  /** Synchronous where it can be, so that a cancel that came before its saga comes before its first step, too. */
  function cancel(reason: string, saidId: string): void {
    const requestId = storableText(saidId, MAX_REQUEST_ID);
    const between = () => control.phase === 'pivoting' || control.phase === 'claiming';
    const decide = () => {
      if (control.phase === 'forward') control.abort({ kind: 'cancel', reason, requestId });
      else if (control.phase !== 'rollingBack')
        refuseCancel(requestId, control.phase === 'completed' ? 'completed' : 'running');
    };
    if (!between()) return decide();
    const decided: Promise<void> = CancellationScope.nonCancellable(() => condition(() => !between())).then(() => {
      undecided.delete(decided);
      decide();
    });
    undecided.add(decided);
  }

  function deliver(rule: FollowUpRule, { eventId, data }: FollowUp): void {
    if (seen.has(eventId)) return;
    seen.add(eventId);
    if (rule.cancels) return cancel(reasonOf(data), eventId);
    inHand.set(rule.type, [...(inHand.get(rule.type) ?? []), data]);
  }

  for (const rule of expected) {
    setHandler(defineSignal<[unknown]>(rule.type), (said) => {
      const followUp = followUpOf(rule.type, said);
      if (followUp) deliver(rule, followUp);
      else log.warn('a signal without an event id was ignored', { signal: rule.type });
    });
  }
  setHandler(defineSignal<[unknown]>(CANCEL_SIGNAL), (said) => {
    const { reason, requestId } = cancelRequestOf(said);
    if (seen.has(requestId)) return;
    seen.add(requestId);
    cancel(reason, requestId);
  });
  return {
    cancel,

    /** Resolves when every cancel has its answer, or has turned the saga around. */
    async decided(): Promise<void> {
      await Promise.all(undecided);
    },

    /** Applies what arrived before the saga, before its first step. */
    deliverEarly(early: readonly FollowUp[]): void {
      for (const followUp of early) {
        const rule = expected.find(({ type }) => type === followUp.type);
        if (rule) deliver(rule, followUp);
      }
    },

    /** See SagaScope. */
    async next<E extends EventValue>(
      { type }: E,
      within: Duration,
      { name }: NextOptions = {},
    ): Promise<PayloadOf<E> | undefined> {
      const endsAt = Date.now() + msOf(within);
      const taken = () => inHand.get(type)?.splice(0, 1) as [event: PayloadOf<E>] | [] | undefined;
      const there = nextLooksFirst ? (taken() ?? []) : [];
      if (there.length > 0) return there[0];

      const summary = name === undefined ? `next ${type}` : `${name}: next ${type}`;
      const over = journal.waits({ ...(name && { name }), event: type, since: iso(Date.now()), until: iso(endsAt) });
      try {
        // Several waits for one type wake together, and only one of them gets the event: the others wait on.
        for (let left = msOf(within); left > 0; left = endsAt - Date.now()) {
          if (!(await condition(() => (inHand.get(type)?.length ?? 0) > 0, left, { summary }))) return undefined;
          const events = taken() ?? [];
          if (events.length > 0) return events[0];
        }
        return undefined;
      } finally {
        over();
      }
    },
  };
}

/** Signals reach us from command lines too: one that is malformed must not fail a workflow task for ever. */
function followUpOf(type: string, said: unknown): FollowUp | undefined {
  const { eventId, data } = fieldsOf(said);
  return typeof eventId === 'string' ? { type, eventId, data } : undefined;
}

/** Whoever says `cancel` means it, even without a reason. */
function cancelRequestOf(said: unknown): Pick<CancelRequest, 'reason' | 'requestId'> {
  const { requestId } = fieldsOf(said);
  return { reason: reasonOf(said), requestId: typeof requestId === 'string' ? requestId : 'operator' };
}

/** Bounded and storable as the outcome's schema wants it: an outcome that cannot be written would hold the saga for ever. */
function reasonOf(data: unknown): string {
  const { reason } = fieldsOf(data);
  return typeof reason === 'string' && reason !== '' ? storableText(reason, MAX_REASON) : 'CancelRequested';
}

const iso = (ms: number) => new Date(Math.min(ms, LAST_INSTANT_MS)).toISOString();

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
