import { z } from 'zod';
import type { Database } from '../../../prisma/database.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import {
  PAGE_WEIGHT,
  SearchTooSlow,
  type SearchHit,
  type SearchPosition,
  type SearchReader,
  type SearchRequest,
  type Tier,
} from '../search-index.ts';
import type { Term } from '../text/query.ts';
import { kindToken } from './tables.ts';

/** A search that takes longer, all of its statements together, is not worth its while: it holds up the writing. */
const TIMEOUT_MS = 3_000;
/** Of trigrams, how many must be the same for a name to be meant. */
const LIKENESS = 0.5;

type Hit = SearchHit & { readonly tier: Tier };

/** Rows of one tier, and whether more of it were found than came: either was enough, the wanted number or the weight of a page. */
interface Found {
  readonly hits: readonly Hit[];
  readonly more: boolean;
}

/** Finds documents in the tables of the live projection. */
export function createPostgresReader(database: Database): SearchReader {
  return {
    async search(request) {
      const { query, after, limit } = request;
      const run = withinTime(database);
      const exact = after?.tier === 1 ? NOTHING : await select(run, request, quoted(query.exact), 0, limit);
      if (exact.more) return exact;
      const words = allOf(query.groups.map((group) => anyOf(group.map((terms) => allOf(terms.map(tsTerm))))));
      const others = await select(run, request, `${words} & !${quoted(query.exact)}`, 1, limit - exact.hits.length);
      const hits = [...exact.hits, ...others.hits];
      if (hits.length > 0 || after || query.name === undefined) return { hits, more: others.more };
      return { hits: await alike(run, request, query.name), more: false };
    },
  };
}

const NOTHING: Found = { hits: [], more: false };

/**
 * Up to `limit` of one tier, newest first. Common words are looked for among the newest documents, rare ones through the index of
 * tokens: for either, the other way would read most of the table, and the planner cannot know which is which.
 */
async function select(
  run: Run,
  { kind, from, to, after }: SearchRequest,
  words: string,
  tier: 0 | 1,
  limit: number,
): Promise<Found> {
  const within = [...bounds({ kind, from, to }), ...(after?.tier === tier ? [isAfter(after)] : [])];
  const tsquery = kind === undefined ? words : `${quoted(kindToken(kind))} & ${words}`;
  // One more than wanted tells whether there are more.
  const wanted = limit + 1;
  const recent = tier === 1 ? await run(light(amongNewest(tsquery, within, wanted))) : [];
  const enough = Number(recent[0]?.found ?? 0) === wanted;
  const rows = enough ? recent : await run(light(byTokens(tsquery, within, wanted)));
  const hits = rows.slice(0, limit).map((row) => hitOf(row, tier));
  return { hits, more: Number(rows[0]?.found ?? 0) > hits.length };
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

/** Of what was found, in its order, as much as makes one page. `found` is how many there were. */
function light(found: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT ${COLUMNS}, "found" FROM (
      SELECT ${COLUMNS}, count(*) OVER () AS "found", sum("weight") OVER (${NEWEST}) - "weight" AS "before"
      FROM (SELECT *, length("text") + length("fields"::text) AS "weight" FROM (${found}) AS "hits") AS "weighed"
    ) AS "page" WHERE "before" < ${PAGE_WEIGHT} ${NEWEST}`;
}

function where(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join([...conditions], ' AND ')}`;
}

/**
 * Documents with a name like this one, the likest first; one page of them is enough. The operators are pg_trgm's, whose schema the
 * search_path of the connection need not have.
 */
async function alike(run: Run, { kind, from, to, limit }: SearchRequest, name: string): Promise<Hit[]> {
  const conditions = [Prisma.sql`${name} OPERATOR(public.<%) "names"`, ...bounds({ kind, from, to })];
  const rows = await run(
    Prisma.sql`SELECT ${COLUMNS} FROM "projection_search"."documents"
               WHERE "names" IS NOT NULL AND ${Prisma.join(conditions, ' AND ')}
               ORDER BY ${name} OPERATOR(public.<<->) "names", "time" DESC, "kind" DESC, "id" DESC LIMIT ${limit}`,
  );
  return rows.map((row) => hitOf(row, 2));
}

const COLUMNS = Prisma.sql`"kind", "id", "time", "state", "title", "text", "fields"`;

type Row = Omit<SearchHit, 'time'> & { readonly time: bigint; readonly found?: bigint };

const hitOf = ({ found: _found, time, ...row }: Row, tier: Tier): Hit => ({ ...row, time: Number(time), tier });

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

type Run = (sql: Prisma.Sql) => Promise<Row[]>;

/** Runs the statements of one search, in what is left of its time. @throws SearchTooSlow */
function withinTime(database: Database): Run {
  const deadline = performance.now() + TIMEOUT_MS;
  return async function run(sql) {
    const left = Math.ceil(deadline - performance.now());
    if (left <= 0) throw new SearchTooSlow(`took longer than ${TIMEOUT_MS} ms`);
    try {
      const [, rows] = await database.$transaction([
        database.$queryRaw`SELECT set_config('statement_timeout', ${String(left)}, true),
                                  set_config('pg_trgm.word_similarity_threshold', ${String(LIKENESS)}, true)`,
        database.$queryRaw<Row[]>(sql),
      ]);
      return rows;
    } catch (error) {
      if (!(error instanceof Prisma.PrismaClientKnownRequestError) || !Cancelled.safeParse(error.meta).success)
        throw error;
      throw new SearchTooSlow(`took longer than ${TIMEOUT_MS} ms`, { cause: error });
    }
  };
}
