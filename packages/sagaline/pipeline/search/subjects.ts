/** Which subjects events are about, and what is known of each: kept in the projection's own table, under a lock of its row. */
import type { SagaRegistration } from '../../kernel/definition.ts';
import type { ProjectionTransaction } from '../runtime/projection.ts';
import type { RecordedEvent, ValidEvent } from '../runtime/recorded-event.ts';
import { SAGAS, type KeepOptions, type SearchSubject } from './define-search-kind.ts';
import type { SearchDocument } from './document.ts';
import { describeSaga, keptOfSaga, sagaOf, sagaTypes } from './documents/saga.ts';
import { mergeTales, tell, type Tale } from './told.ts';

/** `records` counts every record about the subject, also those that told nothing new: it is the document's version. */
export const SUBJECTS = `
  CREATE TABLE "subjects" (
    "kind" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "records" INTEGER NOT NULL,
    "tale" JSONB NOT NULL,
    PRIMARY KEY ("kind", "id")
  );`;

interface Subject {
  readonly kind: string;
  readonly id: string;
  readonly records: number;
  readonly tale: Tale;
}

/** A kind of subject, or the sagas of one name: which events are about it, and how it is described. */
interface Sort extends Pick<SearchSubject, 'kind' | 'keep' | 'describe'> {
  readonly types: readonly string[];
  readonly idOf: (event: ValidEvent) => string | undefined;
}

export interface SubjectOptions extends KeepOptions {
  readonly sagas: readonly SagaRegistration[];
  /** The application's. */
  readonly kinds: readonly SearchSubject[];
}

export function createSubjects({ sagas, kinds, ...options }: SubjectOptions) {
  const sorts: readonly Sort[] = [
    ...kinds.map((kind): Sort => ({ ...kind, types: kind.events.map(({ type }) => type) })),
    ...sagas.map((saga): Sort => ({
      kind: SAGAS.kind,
      types: sagaTypes(saga),
      idOf: (event) => sagaOf(saga, event),
      keep: keptOfSaga,
      describe: (id, tale) => describeSaga(saga, id, tale),
    })),
  ];

  return {
    topics: [...new Set(sorts.flatMap(({ types }) => types))].sort(),

    /** Remembers what the events tell, and returns the documents that they change. */
    async learn(tx: ProjectionTransaction, events: readonly RecordedEvent[]): Promise<SearchDocument[]> {
      const told = gather(events);
      if (told.size === 0) return [];
      const subjects = [...told.values()].map(({ subject }) => subject).sort(byKindAndId);
      const known = await lock(tx, subjects);
      const merged = subjects.map((subject) => merge(subject, known.get(keyOf(subject))));
      await store(tx, merged);
      return merged.map((subject) => {
        const { kind, id, records, tale } = subject;
        const describe = told.get(keyOf(subject))?.describe;
        if (!describe) throw new TypeError(`nobody describes a ${kind}`);
        return { ...describe(id, tale), kind, id, version: records };
      });
    },
  };

  function gather(events: readonly RecordedEvent[]): Map<string, Gathered> {
    const told = new Map<string, Gathered>();
    for (const event of events) {
      if (event.fault) continue;
      for (const { kind, types, idOf, keep, describe } of sorts) {
        const id = types.includes(event.type) ? idOf(event) : undefined;
        if (id === undefined) continue;
        const subject: Subject = { kind, id, records: 1, tale: { [event.type]: tell(event, keep(event, options)) } };
        const key = keyOf(subject);
        told.set(key, { subject: merge(subject, told.get(key)?.subject), describe });
      }
    }
    return told;
  }
}

interface Gathered {
  readonly subject: Subject;
  readonly describe: Sort['describe'];
}

const keyOf = ({ kind, id }: Pick<Subject, 'kind' | 'id'>): string => `${kind}/${id}`;

/** The order in which rows are made and locked, so that no two transactions wait for each other. */
function byKindAndId(a: Subject, b: Subject): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function merge(fresh: Subject, known: Subject | undefined): Subject {
  if (!known) return fresh;
  return { ...fresh, records: known.records + fresh.records, tale: mergeTales(known.tale, fresh.tale) };
}

/** What was known of the subjects, their rows locked; a row is made where there is none, so that there is one to lock. */
async function lock(tx: ProjectionTransaction, subjects: readonly Subject[]): Promise<Map<string, Subject>> {
  const keys = [subjects.map(({ kind }) => kind), subjects.map(({ id }) => id)];
  await tx.query(
    `INSERT INTO "subjects" SELECT "kind", "id", 0, '{}' FROM unnest($1::text[], $2::text[]) AS "asked" ("kind", "id")
     ON CONFLICT DO NOTHING`,
    keys,
  );
  const rows = await tx.query<Subject>(
    `SELECT "subjects".* FROM "subjects"
     JOIN unnest($1::text[], $2::text[]) WITH ORDINALITY AS "asked" ("kind", "id", "place") USING ("kind", "id")
     ORDER BY "asked"."place" FOR UPDATE OF "subjects"`,
    keys,
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

async function store(tx: ProjectionTransaction, subjects: readonly Subject[]): Promise<void> {
  await tx.query(
    `UPDATE "subjects" SET "records" = "new"."records", "tale" = "new"."tale"
     FROM unnest($1::text[], $2::text[], $3::int[], $4::jsonb[]) AS "new" ("kind", "id", "records", "tale")
     WHERE "subjects"."kind" = "new"."kind" AND "subjects"."id" = "new"."id"`,
    [
      subjects.map(({ kind }) => kind),
      subjects.map(({ id }) => id),
      subjects.map(({ records }) => records),
      subjects.map(({ tale }) => JSON.stringify(tale)),
    ],
  );
}
