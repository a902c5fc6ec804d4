import type { BackgroundWork, CallSweep, ParticipantTools, SweptCall } from 'sagaline';
import type { ChargeRow } from './calls.ts';

const EVERY_MS = 5_000;

/** Runs the sweep of undone charges from time to time, and says what it found. */
export function sweeper(
  sweep: CallSweep<ChargeRow>,
  { logger, counter }: Pick<ParticipantTools, 'logger' | 'counter'>,
  everyMs = EVERY_MS,
): BackgroundWork {
  const count = counter({
    name: 'sagaline_payment_sweeps_total',
    help: 'Undone charges that the provider was asked about once more: returned, declined, nothing, settled, refused, failed',
    labels: ['outcome'],
  });

  function tell({ key, outcome, returned: row, error }: SweptCall<ChargeRow>): void {
    /** In minor units. */
    const returned = row?.payment.amount ?? 0;
    count({ outcome });
    const about = { payment: key, outcome, returned, ...(error !== undefined && { err: error }) };
    if (outcome === 'returned') logger.warn(about, 'a charge landed after it was undone, and was given back');
    else if (outcome === 'refused') logger.error(about, 'a charge landed after it was undone, and is not given back');
    else if (outcome === 'failed') logger.warn(about, 'an undone charge could not be looked up and will be again');
    else logger.debug(about, 'an undone charge was looked up');
  }

  return {
    name: 'payment sweeper',
    everyMs,
    async run(stopping) {
      // What one sweep takes is kept from the next one for a while, so this ends.
      for (let found = await sweep(); found.length > 0; found = stopping() ? [] : await sweep()) found.forEach(tell);
    },
  };
}
