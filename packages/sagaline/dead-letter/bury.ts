import type { Transaction } from '../prisma/database.ts';
import type { Logger } from '../ground/logger.ts';
import type { InvalidReason } from '../events/invalid-record.ts';
import { placeText } from '../events/place.ts';
import type { DeadLetters } from './create-dead-letters.ts';
import type { DeadLetter } from './letter.ts';

export interface BurialDeps {
  readonly deadLetters: DeadLetters;
  readonly observer: { deadLettered(topic: string, reason: InvalidReason): void };
  readonly logger: Pick<Logger, 'warn'>;
}

export interface Burial {
  /** Writes letters, and tells of each. Within a transaction nothing is told: `tell` it once that is committed. */
  bury(letters: readonly DeadLetter[], tx?: Transaction): Promise<void>;
  tell(letters: readonly DeadLetter[]): void;
}

/** Dead letters with a log line and a count for each: no record disappears without somebody's being able to hear of it. */
export function createBurial({ deadLetters, observer, logger }: BurialDeps): Burial {
  function tell(letters: readonly DeadLetter[]): void {
    for (const { record, error } of letters) {
      const { reason, path, message } = error;
      logger.warn({ record: placeText(record), reason, path, problem: message }, 'a record became a dead letter');
      observer.deadLettered(record.topic, reason);
    }
  }

  return {
    tell,
    async bury(letters, tx) {
      await deadLetters.write(letters, tx);
      if (!tx) tell(letters);
    },
  };
}
