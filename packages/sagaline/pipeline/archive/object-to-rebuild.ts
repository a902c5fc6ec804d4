import type { ProjectionTransaction, TopicPosition } from '../runtime/projection.ts';

/** There are rows that a rebuild would not read again: Kafka has forgotten them, or they come before the place to begin with. */
export async function objectToRebuild(
  tx: ProjectionTransaction,
  from: readonly TopicPosition[],
): Promise<string | undefined> {
  // No row of a topic that the archive no longer reads would come back either.
  const [lost] = await tx.query<{ rows: string; oldest: string | null }>(
    `SELECT count(*) AS "rows", to_char(min("record_time") AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "oldest"
     FROM "recorded" AS "row"
     LEFT JOIN unnest($1::TEXT[], $2::INT[], $3::BIGINT[]) AS "start" ("topic", "partition", "offset")
       ON "row"."topic" = "start"."topic" AND "row"."partition" = "start"."partition"
     WHERE "row"."offset" < "start"."offset" OR "start"."offset" IS NULL`,
    [from.map(({ topic }) => topic), from.map(({ partition }) => partition), from.map(({ offset }) => String(offset))],
  );
  if (!lost || lost.oldest === null) return undefined;
  return (
    `it has ${lost.rows} records since ${lost.oldest} that would not be read again, and be lost. What is in files stays there, ` +
    'and npm run saga -- archive export writes the days that are over to files'
  );
}
