import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import { schemaOf, type Projection } from '../runtime/projection.ts';
import { createSchema, upgradeSchema } from '../runtime/schema.ts';
import { dropSchema } from './drop-schema.ts';
import type { Start } from './starts.ts';
import { inTransaction } from '../runtime/transaction.ts';

type Named = Pick<Projection, 'name'>;

/** The schema in which a projection is built beside the live one. */
export const rebuildSchemaOf = (projection: Named): string => `${schemaOf(projection)}_rebuild`;

/** The schema that was the live one until the switch, and waits for being dropped. */
export const oldSchemaOf = (projection: Named): string => `${schemaOf(projection)}_old`;

/** An empty schema to build in; what an earlier rebuild left behind is dropped. */
export async function prepareSchema(pool: Pool, projection: Projection, starts: readonly Start[]): Promise<void> {
  const schema = rebuildSchemaOf(projection);
  await dropSchema(pool, oldSchemaOf(projection));
  await dropSchema(pool, schema);
  await inTransaction(pool, async (client) => {
    await createSchema(client, projection, schema);
    for (const { topic, partition, from, topicId, base } of starts) {
      await client.query(
        `INSERT INTO "offsets" ("topic", "partition", "next_offset", "topic_id", "base") VALUES ($1, $2, $3, $4, $5)`,
        [topic, partition, from, topicId, base],
      );
    }
  });
}

/**
 * Puts the built schema in the live one's place, in one transaction, unless the live one is ahead in some partition. Both
 * stand still meanwhile: the lock waits for the transaction in hand, and the next one finds the new tables. The live one's
 * tables are still there afterwards, under `oldSchemaOf`: to drop them takes a lock of each, and time.
 *
 * @returns false when the live projection has applied records that the built one has not: try again when it has
 */
export function switchSchemas(pool: Pool, projection: Projection): Promise<boolean> {
  const live = escapeIdentifier(schemaOf(projection));
  const built = escapeIdentifier(rebuildSchemaOf(projection));
  return inTransaction(pool, async (client) => {
    if (await exists(client, schemaOf(projection))) {
      await upgradeSchema(client, schemaOf(projection));
      await client.query(`LOCK TABLE ${live}."offsets", ${built}."offsets" IN ACCESS EXCLUSIVE MODE`);
      const { rows } = await client.query(
        `SELECT FROM ${live}."offsets" AS "live" LEFT JOIN ${built}."offsets" AS "built" USING ("topic", "partition")
         WHERE "live"."base" + "live"."next_offset" > COALESCE("built"."base" + "built"."next_offset", -1) LIMIT 1`,
      );
      if (rows.length > 0) return false;
      await client.query(
        `INSERT INTO ${built}."lives" SELECT "topic", "partition", "live"."topic_id", "live"."base", "live"."next_offset"
         FROM ${live}."offsets" AS "live" JOIN ${built}."offsets" AS "built" USING ("topic", "partition")
         WHERE "live"."topic_id" <> "built"."topic_id" ON CONFLICT DO NOTHING`,
      );
      await client.query(`INSERT INTO ${built}."lives" SELECT * FROM ${live}."lives" ON CONFLICT DO NOTHING`);
      await client.query(`ALTER SCHEMA ${live} RENAME TO ${escapeIdentifier(oldSchemaOf(projection))}`);
    }
    await client.query(`ALTER SCHEMA ${built} RENAME TO ${live}`);
    return true;
  });
}

async function exists(client: PoolClient, schema: string): Promise<boolean> {
  const { rows } = await client.query('SELECT FROM "pg_namespace" WHERE "nspname" = $1', [schema]);
  return rows.length > 0;
}
