import type { FollowUp } from '../contracts/saga.ts';
import type { Arrival } from './arrival.ts';
import type { InboxState } from './sql/inbox-state.ts';
import type { RecordedArrival } from './sql/record-arrivals.ts';

/** What is left to do for an arrival, once inbox and saga rows have spoken. */
export type Verdict =
  | { readonly kind: 'start'; readonly parked: readonly FollowUp[] }
  | { readonly kind: 'deliver' }
  /** Nothing; `settle` is the state of an inbox row that this delivery made all the same. */
  | { readonly kind: 'parked' | 'ignored' | 'duplicate'; readonly settle?: InboxState }
  /**
   * The same event id, or the same saga, with other content. `unfinished`: what was recorded first has not been taken up yet, which
   * comes before anything is said of this one.
   */
  | { readonly kind: 'conflict'; readonly settle?: InboxState; readonly unfinished?: true }
  /** Somebody else wrote at the same moment: ask again. */
  | { readonly kind: 'undecided' };

export function verdictOf({ event, target }: Arrival, recorded: RecordedArrival): Verdict {
  const { isNew, knownState, sagaState } = recorded;
  if (recorded.conflicts) return { kind: 'conflict', ...(knownState === 'received' ? { unfinished: true } : {}) };
  if (knownState !== null && knownState !== 'received') return { kind: 'duplicate' };
  if (!isNew && knownState === null) return { kind: recorded.wanted ? 'undecided' : 'ignored' };
  if (target.route.kind === 'followUp') return { kind: isNew && sagaState === null ? 'parked' : 'deliver' };
  if (sagaState === null) return { kind: 'undecided' };
  if (recorded.sagaEventId === event.eventId) return { kind: 'start', parked: recorded.parked ?? [] };
  // Another event id for a saga that there is: the same order told twice, or two stories about one order.
  if (recorded.sagaHasContent === null) return { kind: 'undecided' };
  if (recorded.sagaHasContent) return { kind: 'duplicate', settle: 'ignored' };
  return { kind: 'conflict', settle: 'deadLettered' };
}
