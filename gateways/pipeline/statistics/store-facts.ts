import type { ProjectionTransaction } from 'sagaline/pipeline';
import { isEarlier, type Fact, type FactType } from './facts.ts';

/** A fact that counts from now on, and the one that counted in its place before. */
export interface ChangedFact {
  readonly fact: Fact;
  readonly instead?: Fact;
}

/** Locks of facts, among the advisory locks of the database. Any number, but ours. */
const FACTS_LOCK = 7743;

const COLUMNS = '"type", "key", "time", "partition", "offset", "late", "amount", "currency", "compensated"';
const ROWS = `unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::bigint[], $6::smallint[], $7::bigint[], $8::text[],
  $9::boolean[])`;

/**
 * Stores facts of one type, one for each key, and tells what that changed. Batches of facts take turns from here to the end of
 * their transactions: an order and its outcome that came at the same time to two members would not see each other.
 */
export async function storeFacts(tx: ProjectionTransaction, facts: readonly Fact[]): Promise<ChangedFact[]> {
  await tx.query('SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))', [FACTS_LOCK]);
  const inserted = await tx.query<{ key: string }>(
    `INSERT INTO "facts" (${COLUMNS}) SELECT * FROM ${ROWS} ON CONFLICT DO NOTHING RETURNING "key"`,
    columnsOf(facts),
  );
  const added = new Set(inserted.map(({ key }) => key));
  const repeated = facts.filter(({ key }) => !added.has(key));
  return [
    ...facts.filter(({ key }) => added.has(key)).map((fact) => ({ fact })),
    ...(repeated.length > 0 ? await replaceLater(tx, repeated) : []),
  ];
}

/** A repetition with an earlier time than what was stored takes its place. */
async function replaceLater(tx: ProjectionTransaction, facts: readonly Fact[]): Promise<ChangedFact[]> {
  const types = [...new Set(facts.map(({ type }) => type))];
  const known = await findFacts(tx, types, facts);
  const storedByKey = new Map(known.map((fact) => [fact.key, fact]));
  const changed = facts.flatMap((fact) => {
    const instead = storedByKey.get(fact.key);
    return instead && isEarlier(fact, instead) ? [{ fact, instead }] : [];
  });
  if (changed.length > 0) {
    await tx.query(
      `UPDATE "facts" SET "time" = n."time", "partition" = n."partition", "offset" = n."offset", "late" = n."late",
         "amount" = n."amount", "currency" = n."currency", "compensated" = n."compensated"
       FROM ${ROWS} AS n (${COLUMNS}) WHERE "facts"."type" = n."type" AND "facts"."key" = n."key"`,
      columnsOf(changed.map(({ fact }) => fact)),
    );
  }
  return changed;
}

/** What is stored of `types` under the keys of `facts`. */
export async function findFacts(
  tx: ProjectionTransaction,
  types: readonly FactType[],
  facts: readonly Pick<Fact, 'key'>[],
): Promise<Fact[]> {
  const rows = await tx.query<StoredFact>(
    `SELECT ${COLUMNS} FROM "facts" WHERE "type" = ANY ($1::text[]) AND "key" = ANY ($2::text[])`,
    [types, facts.map(({ key }) => key)],
  );
  return rows.map((row) => ({
    ...row,
    time: Number(row.time),
    offset: BigInt(row.offset),
    amount: row.amount === null ? null : BigInt(row.amount),
  }));
}

/** BIGINTs come as text. */
type StoredFact = Omit<Fact, 'time' | 'offset' | 'amount'> & { time: string; offset: string; amount: string | null };

function columnsOf(facts: readonly Fact[]): unknown[] {
  return [
    facts.map(({ type }) => type),
    facts.map(({ key }) => key),
    facts.map(({ time }) => time),
    facts.map(({ partition }) => partition),
    facts.map(({ offset }) => offset),
    facts.map(({ late }) => late),
    facts.map(({ amount }) => amount),
    facts.map(({ currency }) => currency),
    facts.map(({ compensated }) => compensated),
  ];
}
