import type { Database } from 'sagaline';
import { readProjection } from 'sagaline/http';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { AmountMeasure, Measure } from '../../pipeline/statistics/tally.ts';
import { WINDOW_SIZES } from '../../pipeline/statistics/windows.ts';
import { refused, type Range } from './range.ts';

/** Rows behind one answer, at most: services and actions are as many as producers like. */
const MAX_ROWS = 50_000;

export interface CountRow {
  /** Begin of the window, or of the range when windows are merged. */
  readonly at: number;
  readonly measure: Measure;
  readonly label: string;
  readonly detail: string;
  readonly value: number;
}
export interface AmountRow {
  readonly at: number;
  readonly measure: AmountMeasure;
  readonly currency: string;
  /** Minor units, as text: the sum of many amounts is no safe integer. */
  readonly value: string;
}
export interface BinRow {
  readonly at: number;
  readonly bin: number;
  readonly count: number;
}

export interface Selection extends Range {
  /** Add up all windows of the range, as if they were one. */
  readonly merged: boolean;
}

/** What the statistics projection has, by windows of a range. */
export function createWindowReader(database: Database) {
  const read = <Row>(query: Prisma.Sql) =>
    readProjection('statistics', () => database.$queryRaw<Row[]>(query)).then((rows) => {
      if (rows.length > MAX_ROWS) throw refused('from', 'there is too much to tell: ask for less time, or one service');
      return rows;
    });

  return {
    counts(selection: Selection, measures: readonly Measure[], label?: string): Promise<CountRow[]> {
      const labelled = label === undefined ? Prisma.empty : Prisma.sql`AND "label" = ${label}`;
      return read(Prisma.sql`
        SELECT ${at(selection)} AS "at", "measure", "label", "detail", sum("value")::FLOAT8 AS "value"
        FROM "projection_statistics"."counts"
        WHERE ${within(selection)} AND "measure" IN (${Prisma.join([...measures])}) ${labelled}
        GROUP BY 1, 2, 3, 4 HAVING ${something} ORDER BY 1, 2, 3, 4 LIMIT ${MAX_ROWS + 1}`);
    },

    amounts(selection: Selection): Promise<AmountRow[]> {
      return read(Prisma.sql`
        SELECT ${at(selection)} AS "at", "measure", "currency", sum("value")::TEXT AS "value"
        FROM "projection_statistics"."amounts"
        WHERE ${within(selection)} AND "measure" IN ('revenue', 'refunded')
        GROUP BY 1, 2, 3 HAVING ${something} ORDER BY 1, 2, 3 LIMIT ${MAX_ROWS + 1}`);
    },

    bins(selection: Selection): Promise<BinRow[]> {
      return read(Prisma.sql`
        SELECT ${at(selection)} AS "at", "bin", sum("value")::FLOAT8 AS "count"
        FROM "projection_statistics"."durations"
        WHERE ${within(selection)} GROUP BY 1, 2 HAVING ${something} ORDER BY 1, 2 LIMIT ${MAX_ROWS + 1}`);
    },

    /** Events that came too late for windows of a size, since the projection began. */
    late({ size }: Range): Promise<{ topic: string; count: number }[]> {
      return read(Prisma.sql`
        SELECT "topic", "value"::FLOAT8 AS "count" FROM "projection_statistics"."late"
        WHERE "window_ms" = ${WINDOW_SIZES[size]} ORDER BY "topic"`);
    },
  };
}

/** Milliseconds fit into a double for longer than there will be events. */
const at = ({ merged, from }: Selection): Prisma.Sql =>
  merged ? Prisma.sql`${from}::FLOAT8` : Prisma.sql`"window_start"::FLOAT8`;

/** A correction of a window that housekeeping has removed leaves less than nothing, until housekeeping comes again. */
const something = Prisma.sql`sum("value") > 0`;

const within = ({ size, from, to }: Range): Prisma.Sql => Prisma.sql`
  "window_ms" = ${WINDOW_SIZES[size]} AND "window_start" >= ${BigInt(from)} AND "window_start" < ${BigInt(to)}`;
