import type { Database } from '../prisma/database.ts';
import { createDeadLetters } from '../dead-letter/create-dead-letters.ts';
import type { RecordProducer } from '../kafka/port.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import type { ArchiveEffects, ArchiveObserver } from '../pipeline/archive/archive.ts';

interface EffectsDeps {
  readonly routes: Routes;
  readonly database: Database;
  readonly producer: RecordProducer;
  readonly observer: ArchiveObserver;
}

/** Dead letters of one statement: a batch can be one of nothing else. */
const LETTERS_AT_ONCE = 250;

/** What the archive does beyond its tables: the dead letters of topics that no saga reads, and what metrics tell. */
export function createArchiveEffects({ routes, database, producer, observer }: EffectsDeps): ArchiveEffects {
  const deadLetters = createDeadLetters(producer, database);
  return {
    isIngested: (topic) => routes.topics.some((one) => one === topic),
    async deadLetter(letters) {
      for (let at = 0; at < letters.length; at += LETTERS_AT_ONCE) {
        await deadLetters.write(letters.slice(at, at + LETTERS_AT_ONCE));
      }
    },
    observer,
  };
}
