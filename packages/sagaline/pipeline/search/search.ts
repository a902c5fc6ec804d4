import type { SagaRegistration } from '../../kernel/definition.ts';
import { listed } from '../../ground/in-words.ts';
import type { Projection } from '../runtime/projection.ts';
import type { RecordedEvent } from '../runtime/recorded-event.ts';
import { kindNames, type LineBounds, type SearchKind, type SearchLines } from './define-search-kind.ts';
import { readable, type SearchDocument } from './document.ts';
import type { SearchWriter } from './search-index.ts';
import { createSubjects, SUBJECTS } from './subjects.ts';

export interface SearchDeps {
  readonly sagas: readonly SagaRegistration[];
  /** What is found beside sagas. */
  readonly kinds: readonly SearchKind[];
  /** How many of its lines are kept, and how long. */
  readonly boundsOf: (lines: SearchLines) => LineBounds;
  readonly index: SearchWriter;
  /** Whether people's names and addresses are stored and found. */
  readonly personalData: boolean;
}

const PRUNE_EVERY_MS = 60_000;
/** A batch is searchable when all of it is: small ones, for the sake of a second. */
const MAX_RECORDS = 1_000;

/** Raised when documents or tokens are made otherwise than before: old ones must then be made anew. A kind has one of its own. */
const FORMAT = 2;

/** Sagas, and what else the application declares, by their words. */
export function createSearch({ sagas, kinds, boundsOf, index, personalData }: SearchDeps): Projection {
  const subjects = createSubjects({ sagas, personalData, kinds: kinds.filter((kind) => kind.of === 'subject') });
  const lineKinds = kinds.filter((kind) => kind.of === 'lines');
  const bounded = lineKinds.map((lines) => ({ kind: lines.kind, ...boundsOf(lines) }));
  const formats = kinds.flatMap(({ kind, format }) => (format > 1 ? [`, ${kind}: ${format}`] : []));
  const topics = [...subjects.topics, ...lineKinds.flatMap(({ events }) => events.map(({ type }) => type))];
  return {
    name: 'search',
    description: `${listed(kindNames(kinds).map(({ plural }) => plural))}, by their words`,
    topics: [...new Set(topics)],
    // What is stored depends on these, too: the tables of another setting are another version's, and ask for a rebuild.
    tables: `-- format ${FORMAT}, personal data: ${personalData}${formats.join('')}\n${SUBJECTS}\n${index.tables}`,
    maxRecords: MAX_RECORDS,

    async apply(tx, events) {
      const lines = lineKinds.flatMap((kind) => events.flatMap((event) => lineOf(kind, event) ?? []));
      await index.write(tx, [...(await subjects.learn(tx, events)), ...lines].map(readable));
    },

    objectToRebuild: (_tx, from) => Promise.resolve(index.objectToRebuild?.(from)),
    ...(bounded.length > 0 && {
      maintenance: {
        everyMs: PRUNE_EVERY_MS,
        async run(tx) {
          for (const { kind, retentionMs, max } of bounded) {
            await index.prune(tx, { kind, before: Date.now() - retentionMs, keep: max });
          }
        },
      },
    }),
  };
}

/** A line is never changed, so it has one version. Its id is its place in Kafka. */
function lineOf(lines: SearchLines, event: RecordedEvent): SearchDocument | undefined {
  const described = lines.describe(event);
  const { record, position } = event;
  const id = `${record.topic}/${record.partition}/${position}`;
  return described && { ...described, kind: lines.kind, id, version: 1, line: true };
}
