import type { BackgroundWork, ParticipantTools } from '../tools.ts';
import type { CallSweep, SweptCall } from './sweep.ts';

export interface SweeperOptions {
  readonly participant: string;
  /** Such as `booking`. */
  readonly call: string;
  /** Between two sweeps, in ms. */
  readonly everyMs: number;
}

/** Runs the sweep of undone calls from time to time, and says what it found. */
export function callSweeper(
  sweep: CallSweep,
  { logger, counter }: Pick<ParticipantTools, 'logger' | 'counter'>,
  { participant, call, everyMs }: SweeperOptions,
): BackgroundWork {
  const count = counter({
    name: 'sagaline_call_sweeps_total',
    help: 'Undone calls that a far end was asked about once more: returned, nothing, settled, refused, failed',
    labels: ['participant', 'call', 'outcome'],
  });

  function tell({ key, outcome, error }: SweptCall): void {
    count({ participant, call, outcome });
    const about = { call, key, outcome, ...(error !== undefined && { err: error }) };
    if (outcome === 'returned') logger.warn(about, 'a call landed after it was undone, and was taken back');
    else if (outcome === 'refused') logger.error(about, 'a call landed after it was undone, and is not taken back');
    else if (outcome === 'failed') logger.warn(about, 'an undone call could not be looked up and will be again');
    else logger.debug(about, 'an undone call was looked up');
  }

  return {
    name: `${participant}.${call} sweeper`,
    everyMs,
    async run(stopping) {
      // What one sweep takes is kept from the next one for a while, so this ends.
      for (let found = await sweep(); found.length > 0; found = stopping() ? [] : await sweep()) found.forEach(tell);
    },
  };
}
