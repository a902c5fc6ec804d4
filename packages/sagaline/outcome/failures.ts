import { ApplicationFailure } from '@temporalio/common';

/**
 * The outcome does not fit its event's schema: a bug in the saga, which a deploy mends. So it is retried, and nothing is
 * written meanwhile. Names fields and reasons, never values.
 */
export class InvalidOutcome extends ApplicationFailure {
  constructor(type: string, problems: readonly string[]) {
    super(`the outcome is no valid ${type}: ${problems.join('; ')}`, 'InvalidOutcome', false);
  }
}
