import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import { schemaOf, type Projection } from '../runtime/projection.ts';
import { createSchema, inTransaction } from '../runtime/schema.ts';

/** The schema in which a projection is built beside the live one. */
export const rebuildSchemaOf = (projection: Pick<Projection, 'name'>): string => `${schemaOf(projection)}_rebuild`;

/** An empty schema to build in; what an earlier rebuild left there is dropped. */
export function prepareSchema(
  pool: Pool,
  projection: Projection,
  starts: ReadonlyMap<string, ReadonlyMap<number, bigint>>,
): Promise<void> {
  const schema = rebuildSchemaOf(projection);
  return inTransaction(pool, async (client) => {
    await dropSchema(client, schema);
    await createSchema(client, projection, schema);
    for (const [topic, partitions] of starts) {
      for (const [partition, next] of partitions) {
        await client.query('INSERT INTO "offsets" VALUES ($1, $2, $3)', [topic, partition, next]);
      }
    }
  });
}

/**
 * Puts the built schema in the live one's place, in one transaction, unless the live one is ahead in some partition. Both
 * stand still meanwhile: the lock waits for the transaction in hand, and the next one finds the new tables.
 *
 * @returns false when the live projection has applied records that the built one has not: try again when it has
 */
export function switchSchemas(pool: Pool, projection: Projection): Promise<boolean> {
  const live = escapeIdentifier(schemaOf(projection));
  const built = escapeIdentifier(rebuildSchemaOf(projection));
  return inTransaction(pool, async (client) => {
    if (await exists(client, schemaOf(projection))) {
      await client.query(`LOCK TABLE ${live}."offsets", ${built}."offsets" IN ACCESS EXCLUSIVE MODE`);
      const { rows } = await client.query(
        `SELECT FROM ${live}."offsets" AS "live" LEFT JOIN ${built}."offsets" AS "built" USING ("topic", "partition")
         WHERE "live"."next_offset" > COALESCE("built"."next_offset", -1) LIMIT 1`,
      );
      if (rows.length > 0) return false;
      await dropSchema(client, schemaOf(projection));
    }
    await client.query(`ALTER SCHEMA ${built} RENAME TO ${live}`);
    return true;
  });
}

export async function dropSchema(client: Pick<PoolClient, 'query'>, schema: string): Promise<void> {
  // Said once for each object otherwise.
  await client.query('SET LOCAL client_min_messages = warning');
  await client.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`);
}

async function exists(client: PoolClient, schema: string): Promise<boolean> {
  const { rows } = await client.query('SELECT FROM "pg_namespace" WHERE "nspname" = $1', [schema]);
  return rows.length > 0;
}
