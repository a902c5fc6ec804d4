/** Runs the sweep of undone charges from time to time, and says what it found. */
import type { Sweep, Swept } from '../../activities/payment/sweep.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../logger.ts';
import type { SweepObserver } from '../participant-metrics.ts';

const INTERVAL_MS = 5_000;

export interface PaymentSweeperDeps {
  readonly sweep: Sweep;
  readonly logger: Logger;
  readonly observer: SweepObserver;
  readonly intervalMs?: number;
}

/** Sweeps until it is closed. A sweep that fails is tried again; two never run at a time in one process. */
export function startPaymentSweeper({ sweep, logger, observer, intervalMs = INTERVAL_MS }: PaymentSweeperDeps): Part {
  let running: Promise<void> | undefined;

  async function sweepAll(): Promise<void> {
    // What one sweep takes is kept from the next one for a while, so this ends.
    for (let found = await sweep(); found.length > 0; found = closing ? [] : await sweep()) found.forEach(tell);
  }

  function tell({ key, outcome, returned, error }: Swept): void {
    observer(outcome);
    const about = { payment: key, outcome, returned, ...(error !== undefined && { err: error }) };
    if (outcome === 'returned') logger.warn(about, 'a charge landed after it was undone, and was given back');
    else if (outcome === 'refused') logger.error(about, 'a charge landed after it was undone, and is not given back');
    else if (outcome === 'failed') logger.warn(about, 'an undone charge could not be looked up and will be again');
    else logger.debug(about, 'an undone charge was looked up');
  }

  let closing = false;
  const timer = setInterval(() => {
    running ??= sweepAll()
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'the sweep of undone charges failed and will be tried again'),
      )
      .finally(() => (running = undefined));
  }, intervalMs);

  return {
    name: 'payment sweeper',
    async close() {
      closing = true;
      clearInterval(timer);
      await running;
    },
  };
}
