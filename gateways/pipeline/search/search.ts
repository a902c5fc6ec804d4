import type { SagaRegistration } from '../../../workflows/kernel/definition.ts';
import { logEvents } from '../../../workflows/events/service-log.ts';
import type { Projection } from '../runtime/projection.ts';
import { only } from '../runtime/recorded-event.ts';
import { readable } from './document.ts';
import { logDocument } from './documents/log.ts';
import type { SearchWriter } from './search-index.ts';
import { createSubjects, SUBJECTS } from './subjects.ts';

export interface SearchDeps {
  readonly sagas: readonly SagaRegistration[];
  readonly index: SearchWriter;
  /** Whether people's names and addresses are stored and found. */
  readonly personalData: boolean;
  /** Log lines beyond these bounds go away, sooner or later. */
  readonly logs: { readonly retentionMs: number; readonly max: number };
}

const PRUNE_EVERY_MS = 60_000;
/** A batch is searchable when all of it is: small ones, for the sake of a second. */
const MAX_RECORDS = 1_000;

/** Raised when documents or tokens are made otherwise than before: old ones must then be made anew. */
const FORMAT = 2;

/** Orders, sagas, users and log lines, by their words. */
export function createSearch({ sagas, index, personalData, logs }: SearchDeps): Projection {
  const subjects = createSubjects({ sagas, personalData });
  return {
    name: 'search',
    description: 'orders, sagas, users and log lines, by their words',
    topics: [...subjects.topics, logEvents['service.log'].type],
    // What is stored depends on these, too: the tables of another setting are another version's, and ask for a rebuild.
    tables: `-- format ${FORMAT}, personal data: ${personalData}\n${SUBJECTS}\n${index.tables}`,
    maxRecords: MAX_RECORDS,

    async apply(tx, events) {
      const lines = only(events, logEvents['service.log']).map(logDocument);
      await index.write(tx, [...(await subjects.learn(tx, events)), ...lines].map(readable));
    },

    objectToRebuild: (_tx, from) => Promise.resolve(index.objectToRebuild?.(from)),
    maintenance: {
      everyMs: PRUNE_EVERY_MS,
      run: (tx) => index.prune(tx, { before: Date.now() - logs.retentionMs, keep: logs.max }),
    },
  };
}
