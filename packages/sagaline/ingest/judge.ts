import type { Transaction } from '../prisma/database.ts';
import type { Arrival } from './arrival.ts';
import { recordArrivals } from './sql/record-arrivals.ts';
import { verdictOf, type Verdict } from './verdict.ts';

export interface Judged {
  readonly arrival: Arrival;
  readonly verdict: Exclude<Verdict, { kind: 'undecided' }>;
}

/** A second look always decides, except when rows vanish under our eyes. */
const MAX_LOOKS = 5;

/** Two deliveries of one event kept meeting; the batch is tried again. */
export class Undecided extends Error {
  override readonly name = 'Undecided';
  constructor(arrivals: number) {
    super(`${arrivals} event(s) are being written by somebody else`);
  }
}

/**
 * Makes the arrivals durable, and says what is left to do for each, in their order. Of several copies in one chunk the first
 * one is taken up, the others are duplicates.
 */
export async function judge(database: Transaction, arrivals: readonly Arrival[]): Promise<Judged[]> {
  const judged = new Map<Arrival, Judged>();
  const takenUp = new Set<string>();
  let open = arrivals;
  for (let look = 0; open.length > 0; look++) {
    if (look === MAX_LOOKS) throw new Undecided(open.length);
    const recorded = await recordArrivals(database, open);
    const undecided: Arrival[] = [];
    for (const [at, row] of recorded.entries()) {
      const arrival = open[at] as Arrival;
      const verdict = once(arrival, verdictOf(arrival, row));
      if (verdict.kind === 'undecided') undecided.push(arrival);
      else judged.set(arrival, { arrival, verdict });
    }
    open = undecided;
  }
  return arrivals.map((arrival) => judged.get(arrival) as Judged);

  function once({ event, target }: Arrival, verdict: Verdict): Verdict {
    if (verdict.kind !== 'start' && verdict.kind !== 'deliver') return verdict;
    const id = `${target.workflowId} ${event.eventId}`;
    if (takenUp.has(id)) return { kind: 'duplicate' };
    takenUp.add(id);
    return verdict;
  }
}
