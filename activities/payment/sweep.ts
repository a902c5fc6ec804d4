import { FinalFailure } from '../../workflows/contracts/failures.ts';
import { lateKeyOf, type GiveBack } from './give-back.ts';
import { isIntent, type PaymentLedger, type PaymentProvider, type UnsettledRow } from './ports.ts';

export interface SweepDeps {
  readonly provider: PaymentProvider;
  readonly ledger: PaymentLedger;
  readonly giveBack: GiveBack;
  readonly afterMs?: readonly number[];
}

/** What a sweep found of one undone charge. No personal data. */
export interface Swept {
  /** Idempotency key of the charge. */
  readonly key: string;
  /**
   * - `returned`: a charge had landed after the undoing believed in none, and went back
   * - `declined`: the provider declined it, so nothing can land
   * - `nothing`: the provider does not know it; it is asked again later
   * - `settled`: the provider has not known it for so long that nothing can land any more
   * - `refused`: a charge had landed, and the provider refuses to give it back: somebody has to look at it
   * - `failed`: no answer; asked again soon
   */
  readonly outcome: 'returned' | 'declined' | 'nothing' | 'settled' | 'refused' | 'failed';
  /** What went back, in minor units. */
  readonly returned: number;
  readonly error?: unknown;
}

/** Looks at rows that are due, and returns what it found; empty when none is. */
export type Sweep = () => Promise<readonly Swept[]>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * From the end of the last attempt's time on; the last is past the 24 hours for which providers keep a key, and so could still be
 * working at what they were asked under it.
 */
const AFTER_MS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 24 * HOUR];

const PAGE = 20;

/**
 * The net under undone charges. A refund that found nothing believed what it was told when the attempts' time was over; a provider
 * that works longer than that makes a charge for a saga that has ended, and nobody would ask again. The sweep does, by key, and
 * gives back what landed. Idempotent, bounded, and any number may run beside each other.
 *
 * Not its business: a charge that was known when it was undone. Its refund is the saga's, and an operator's where it parks.
 */
export function createSweep({ provider, ledger, giveBack, afterMs = AFTER_MS }: SweepDeps): Sweep {
  return async function sweep() {
    const rows = await ledger.takeUnsettled({ limit: PAGE });
    return Promise.all(rows.map(lookAt));
  };

  async function lookAt(row: UnsettledRow): Promise<Swept> {
    const { key } = row;
    try {
      return await settle(row);
    } catch (error) {
      if (!(error instanceof FinalFailure)) return { key, outcome: 'failed', returned: 0, error };
      await later(row);
      return { key, outcome: 'refused', returned: 0, error };
    }
  }

  async function settle(row: UnsettledRow): Promise<Swept> {
    const { key } = row;
    if (row.state === 'charged') return returned(key, await giveBack(row, lateKeyOf(key)));
    if (!isIntent(row)) throw new TypeError(`payment ${key} is undone in state ${row.state} without an amount`);
    const found = await provider.findCharge(key);
    if (found?.status === 'captured') {
      return returned(key, await giveBack(await ledger.recordCharge(row, found.id, { orSweep: true }), lateKeyOf(key)));
    }
    if (found?.status === 'declined') {
      await ledger.recordDecline(row, found.reason);
      return { key, outcome: 'declined', returned: 0 };
    }
    return { key, outcome: (await later(row)) ? 'nothing' : 'settled', returned: 0 };
  }

  /** @returns whether it will be asked again */
  async function later({ key, sweeps }: UnsettledRow): Promise<boolean> {
    const waitMs = afterMs[sweeps];
    await ledger.sweepAgainAfter(key, waitMs);
    return waitMs !== undefined;
  }
}

function returned(key: string, amount: number): Swept {
  return { key, outcome: 'returned', returned: amount };
}
