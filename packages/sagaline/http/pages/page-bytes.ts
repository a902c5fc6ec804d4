import { Prisma } from '../../prisma/generated/client.ts';

/**
 * Bytes of one page, about: two hundred rows of the largest kind would be a gigabyte, and there are many readers, some of whom
 * take their time.
 */
export const PAGE_BYTES = 1024 * 1024;

/** Which rows a page is taken from, and how much of it is left. */
export interface PageBounds {
  /** Selects the rows, one more than a page has, with their `"size"` in bytes. */
  readonly rows: Prisma.Sql;
  /** The order that they have. */
  readonly order: Prisma.Sql;
  /** What is left of the page; 1 MiB unless told. */
  readonly bytes?: number;
}

/** What a row of such a page says beside its own. */
export interface Sized {
  readonly size: bigint | number;
  /** Rows that there were, of which those that fit came. */
  readonly found: bigint;
}

/**
 * As many of the rows, from the first on, as have a page's bytes together; the first however large it is, or nobody would ever
 * get past it. The others never leave the database.
 */
export function withinBytes({ rows, order, bytes = PAGE_BYTES }: PageBounds): Prisma.Sql {
  return Prisma.sql`
    SELECT * FROM (
      SELECT "row".*, count(*) OVER () AS "found", row_number() OVER (ORDER BY ${order}) AS "nth",
        sum("size") OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) AS "upTo"
      FROM (${rows}) AS "row"
    ) AS "sized"
    WHERE "upTo" <= ${bytes} OR "nth" = 1 ORDER BY "nth"`;
}

/** The page of what came, and whether there is more behind it. */
export function pageOf<Row extends Sized>(rows: readonly Row[], limit: number): { page: Row[]; last: Row | undefined } {
  const page = rows.slice(0, limit);
  const more = Number(rows[0]?.found ?? 0) > page.length;
  return { page, last: more ? page.at(-1) : undefined };
}
