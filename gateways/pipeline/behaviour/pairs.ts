/** Which articles are bought together: a count for each pair, both ways, so that one range of the key has all of an article. */
import type { ProjectionTransaction } from 'sagaline/pipeline';

/** An order of more articles than this tells nothing about taste, and would have pairs without end. */
const MAX_SKUS = 20;

/** No valid event has a NUL in it. */
const SEPARATOR = '\0';

/** Every pair of an order's articles, both ways. */
export function pairsOf(skus: readonly string[]): string[] {
  if (skus.length > MAX_SKUS) return [];
  return skus.flatMap((sku) => skus.filter((other) => other !== sku).map((other) => `${sku}${SEPARATOR}${other}`));
}

/** @param changes by pair: how many orders more, or fewer where an earlier story about an order took a later one's place */
export async function addToPairs(tx: ProjectionTransaction, changes: ReadonlyMap<string, number>): Promise<void> {
  const rows = [...changes]
    .filter(([, orders]) => orders !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pair, orders]) => [...pair.split(SEPARATOR), orders] as [string, string, number]);
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO "pairs" ("sku", "other", "orders") SELECT * FROM unnest($1::text[], $2::text[], $3::int[])
     ON CONFLICT ("sku", "other") DO UPDATE SET "orders" = "pairs"."orders" + EXCLUDED."orders"`,
    [rows.map(([sku]) => sku), rows.map(([, other]) => other), rows.map(([, , orders]) => orders)],
  );
  const fewer = rows.filter(([, , orders]) => orders < 0);
  if (fewer.length === 0) return;
  await tx.query(
    `DELETE FROM "pairs" USING unnest($1::text[], $2::text[]) AS "fewer" ("sku", "other")
     WHERE "pairs"."sku" = "fewer"."sku" AND "pairs"."other" = "fewer"."other" AND "pairs"."orders" = 0`,
    [fewer.map(([sku]) => sku), fewer.map(([, other]) => other)],
  );
}
