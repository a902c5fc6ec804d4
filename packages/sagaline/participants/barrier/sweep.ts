import { FinalFailure } from '../../contracts/failures.ts';
import type { CallRow, CallStore, Unsettled } from './ports.ts';

/** What a sweep found of one undone call. No personal data. */
export interface SweptCall<Row = unknown> {
  /** Idempotency key of the action. */
  readonly key: string;
  /**
   * - `returned`: it had landed after the undoing believed that it had not, and went back
   * - `declined`: the far end declined it, so nothing can land
   * - `nothing`: the far end does not know it; it is asked again later
   * - `settled`: the far end has not known it for so long that nothing can land any more
   * - `refused`: it had landed, and the far end refuses to take it back: somebody has to look at it
   * - `failed`: no answer; asked again soon
   */
  readonly outcome: 'returned' | 'declined' | 'nothing' | 'settled' | 'refused' | 'failed';
  /** What went back. */
  readonly returned?: Row;
  readonly error?: unknown;
}

/** Looks at rows that are due, and returns what it found; empty when none is. */
export type CallSweep<Row = unknown> = () => Promise<readonly SweptCall<Row>[]>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** From the end of the last attempt's time on; the last is past the 24 hours for which providers keep a key. */
const AFTER_MS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 24 * HOUR];

const PAGE = 20;

/**
 * The net under undone calls. An undoing that found nothing believed it when the attempts' time was over; a far end that works
 * longer than that does something for a saga that has ended. The sweep asks by key, and takes back what landed. Idempotent,
 * bounded, and any number may run beside each other.
 */
export function createCallSweep<Answer extends object, Row extends CallRow<Answer>>(
  store: Pick<CallStore<object, Answer, Row>, 'takeUnsettled' | 'sweepAgainAfter'>,
  settleLate: (row: Row) => Promise<{ readonly returned?: Row | undefined; readonly declined: boolean }>,
  afterMs: readonly number[] = AFTER_MS,
): CallSweep<Row> {
  return async function sweep() {
    const rows = await store.takeUnsettled(PAGE);
    return Promise.all(rows.map(lookAt));
  };

  async function lookAt(row: Unsettled<Row>): Promise<SweptCall<Row>> {
    const { key } = row;
    try {
      const { returned, declined } = await settleLate(row);
      if (returned) return { key, outcome: 'returned', returned };
      if (declined) return { key, outcome: 'declined' };
      return { key, outcome: (await later(row)) ? 'nothing' : 'settled' };
    } catch (error) {
      if (!(error instanceof FinalFailure)) return { key, outcome: 'failed', error };
      await later(row);
      return { key, outcome: 'refused', error };
    }
  }

  /** @returns whether it will be asked again */
  async function later({ key, sweeps }: { key: string; sweeps: number }): Promise<boolean> {
    const waitMs = afterMs[sweeps];
    await store.sweepAgainAfter(key, waitMs);
    return waitMs !== undefined;
  }
}
