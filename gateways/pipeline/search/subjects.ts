/** Which subjects events are about, and what is known of each: kept in the projection's own table, under a lock of its row. */
import type { SagaRegistration } from '../../../workflows/kernel/definition.ts';
import type { ProjectionTransaction } from '../runtime/projection.ts';
import type { RecordedEvent, ValidEvent } from '../runtime/recorded-event.ts';
import type { Kind, SearchDocument } from './document.ts';
import { keptOf, type KeepOptions } from './documents/kept.ts';
import { orderDocument, orderOf, ORDER_TYPES } from './documents/order.ts';
import { sagaDocument, sagaOf, sagaTypes } from './documents/saga.ts';
import { userDocument, USER_TYPES } from './documents/user.ts';
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
  readonly kind: Kind;
  readonly id: string;
  readonly records: number;
  readonly tale: Tale;
}

/** Makes a subject's document of what was told about it. */
type Describe = (id: string, version: number, tale: Tale) => SearchDocument;

/** A kind of subject: which events are about it, and how it is described. */
interface Sort {
  readonly kind: Kind;
  readonly types: readonly string[];
  readonly idOf: (event: ValidEvent) => string | undefined;
  readonly describe: Describe;
}

export interface SubjectOptions extends KeepOptions {
  readonly sagas: readonly SagaRegistration[];
}

export function createSubjects({ sagas, ...options }: SubjectOptions) {
  const byKey = (event: ValidEvent): string => event.key;
  const sorts: readonly Sort[] = [
    { kind: 'order', types: ORDER_TYPES, idOf: orderOf, describe: orderDocument },
    { kind: 'user', types: USER_TYPES, idOf: byKey, describe: userDocument },
    ...sagas.map((saga): Sort => ({
      kind: 'saga',
      types: sagaTypes(saga),
      idOf: (event) => sagaOf(saga, event),
      describe: (id, version, tale) => sagaDocument(saga, id, version, tale),
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
        const { id, records, tale } = subject;
        const describe = told.get(keyOf(subject))?.describe;
        if (!describe) throw new TypeError(`nobody describes a ${subject.kind}`);
        return describe(id, records, tale);
      });
    },
  };

  function gather(events: readonly RecordedEvent[]): Map<string, { subject: Subject; describe: Describe }> {
    const told = new Map<string, { subject: Subject; describe: Describe }>();
    for (const event of events) {
      if (event.fault) continue;
      for (const { kind, types, idOf, describe } of sorts) {
        const id = types.includes(event.type) ? idOf(event) : undefined;
        if (id === undefined) continue;
        const subject: Subject = { kind, id, records: 1, tale: { [event.type]: tell(event, keptOf(event, options)) } };
        const key = keyOf(subject);
        told.set(key, { subject: merge(subject, told.get(key)?.subject), describe });
      }
    }
    return told;
  }
}

const keyOf = ({ kind, id }: Pick<Subject, 'kind' | 'id'>): string => `${kind}/${id}`;

/** The order in which rows are locked, so that no two transactions wait for each other. Kinds and ids are ASCII. */
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
    `SELECT "subjects".* FROM "subjects" JOIN unnest($1::text[], $2::text[]) AS "asked" ("kind", "id") USING ("kind", "id")
     ORDER BY "subjects"."kind", "subjects"."id" FOR UPDATE OF "subjects"`,
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
