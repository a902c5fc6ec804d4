import { z } from 'zod';
import type { Database } from '../../../../prisma/database.ts';
import { Prisma } from '../../../../prisma/generated/client.ts';
import {
  SearchTooSlow,
  type SearchHit,
  type SearchPosition,
  type SearchReader,
  type SearchRequest,
  type Tier,
} from '../search-index.ts';
import type { Term } from '../text/query.ts';
import { kindToken } from './tables.ts';

/** A search that takes longer is not worth its while: it holds up the writing. */
const TIMEOUT_MS = 3_000;
/** Of trigrams, how many must be the same for a name to be meant. */
const LIKENESS = 0.5;

type Hit = SearchHit & { readonly tier: Tier };

/** Finds documents in the tables of the live projection. */
export function createPostgresReader(database: Database): SearchReader {
  return {
    async search(request) {
      const { query, after, limit } = request;
      const wanted = limit + 1;
      const exact = after?.tier === 1 ? [] : await select(database, request, quoted(query.exact), 0, wanted);
      const words = allOf(query.groups.map((group) => anyOf(group.map((terms) => allOf(terms.map(tsTerm))))));
      const rest = wanted - exact.length;
      const others = rest > 0 ? await select(database, request, `${words} & !${quoted(query.exact)}`, 1, rest) : [];
      const found = [...exact, ...others];
      if (found.length > 0 || after || query.name === undefined) {
        return { hits: found.slice(0, limit), more: found.length > limit };
      }
      return { hits: await alike(database, request, query.name), more: false };
    },
  };
}

/**
 * One tier, newest first. Common words are looked for among the newest documents, rare ones through the index of tokens: for
 * either, the other way would read most of the table, and the planner cannot know which is which.
 */
async function select(
  database: Database,
  { kind, from, to, after }: SearchRequest,
  words: string,
  tier: 0 | 1,
  limit: number,
): Promise<Hit[]> {
  const within = [...bounds({ kind, from, to }), ...(after?.tier === tier ? [isAfter(after)] : [])];
  const tsquery = kind === undefined ? words : `${quoted(kindToken(kind))} & ${words}`;
  const recent = tier === 1 ? await bounded(database, amongNewest(tsquery, within, limit)) : [];
  const rows = recent.length === limit ? recent : await bounded(database, byTokens(tsquery, within, limit));
  return rows.map((row) => hitOf(row, tier));
}

const NEWEST = Prisma.sql`ORDER BY "time" DESC, "kind" DESC, "id" DESC`;

/** Documents that are looked through before the index of tokens is asked. */
const RECENT = 5_000;

function amongNewest(tsquery: string, within: readonly Prisma.Sql[], limit: number): Prisma.Sql {
  return Prisma.sql`
    SELECT ${COLUMNS} FROM (
      SELECT ${COLUMNS}, "tokens" FROM "projection_search"."documents" ${where(within)} ${NEWEST} LIMIT ${RECENT}
    ) AS "recent" WHERE "tokens" @@ ${tsquery}::tsquery ${NEWEST} LIMIT ${limit}`;
}

/** OFFSET 0 keeps the planner from walking through time in the hope of meeting enough matches soon. */
function byTokens(tsquery: string, within: readonly Prisma.Sql[], limit: number): Prisma.Sql {
  const conditions = [Prisma.sql`"tokens" @@ ${tsquery}::tsquery`, ...within];
  return Prisma.sql`
    SELECT ${COLUMNS} FROM (
      SELECT ${COLUMNS} FROM "projection_search"."documents" ${where(conditions)} OFFSET 0
    ) AS "found" ${NEWEST} LIMIT ${limit}`;
}

function where(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join([...conditions], ' AND ')}`;
}

/** Documents with a name like this one, the likest first; one page of them is enough. */
async function alike(database: Database, { kind, from, to, limit }: SearchRequest, name: string): Promise<Hit[]> {
  const conditions = [Prisma.sql`${name} <% "names"`, ...bounds({ kind, from, to })];
  const rows = await bounded(
    database,
    Prisma.sql`SELECT ${COLUMNS} FROM "projection_search"."documents"
               WHERE "names" IS NOT NULL AND ${Prisma.join(conditions, ' AND ')}
               ORDER BY ${name} <<-> "names", "time" DESC, "kind" DESC, "id" DESC LIMIT ${limit}`,
  );
  return rows.map((row) => hitOf(row, 2));
}

const COLUMNS = Prisma.sql`"kind", "id", "time", "state", "title", "text", "fields"`;

type Row = Omit<SearchHit, 'time'> & { readonly time: bigint };

const hitOf = (row: Row, tier: Tier): Hit => ({ ...row, time: Number(row.time), tier });

function bounds({ kind, from, to }: Pick<SearchRequest, 'kind' | 'from' | 'to'>): Prisma.Sql[] {
  return [
    ...(kind === undefined ? [] : [Prisma.sql`"kind" = ${kind}`]),
    ...(from === undefined ? [] : [Prisma.sql`"time" >= ${BigInt(from)}`]),
    ...(to === undefined ? [] : [Prisma.sql`"time" < ${BigInt(to)}`]),
  ];
}

const isAfter = ({ time, kind, id }: SearchPosition): Prisma.Sql =>
  Prisma.sql`("time", "kind", "id") < (${BigInt(time)}, ${kind}, ${id})`;

/** A lexeme as tsquery reads it, whatever is in it. */
const quoted = (token: string): string => `'${token.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
const tsTerm = ({ token, prefix }: Term): string => `${quoted(token)}${prefix ? ':*' : ''}`;
const allOf = (terms: readonly string[]): string => `(${terms.join(' & ')})`;
const anyOf = (terms: readonly string[]): string => `(${terms.join(' | ')})`;

const Cancelled = z.object({
  driverAdapterError: z.object({ cause: z.object({ code: z.literal('57014') }) }),
});

/** @throws SearchTooSlow */
async function bounded(database: Database, sql: Prisma.Sql): Promise<Row[]> {
  try {
    const [, rows] = await database.$transaction([
      database.$queryRaw`SELECT set_config('statement_timeout', ${String(TIMEOUT_MS)}, true),
                                set_config('pg_trgm.word_similarity_threshold', ${String(LIKENESS)}, true)`,
      database.$queryRaw<Row[]>(sql),
    ]);
    return rows;
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || !Cancelled.safeParse(error.meta).success)
      throw error;
    throw new SearchTooSlow(`took longer than ${TIMEOUT_MS} ms`, { cause: error });
  }
}
