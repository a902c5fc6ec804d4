import type { Pool } from 'pg';
import { schemaOf, type Projection } from '../runtime/projection.ts';
import { storedVersion } from '../runtime/schema.ts';
import type { Start } from './starts.ts';
import { inTransaction, transactionOf, useSchema } from '../runtime/transaction.ts';

/** The projection says that a rebuild would do harm. */
export class RebuildRefused extends Error {
  override readonly name = 'RebuildRefused';
  constructor(projection: string, objection: string) {
    super(
      `projection ${projection} is not rebuilt: ${objection}. Nothing was changed; ` +
        `npm run saga -- projection rebuild ${projection} --force does it all the same`,
    );
  }
}

/** @throws RebuildRefused */
export async function refuseHarm(pool: Pool, projection: Projection, starts: readonly Start[]): Promise<void> {
  const begins = starts.map(({ topic, partition, from, base }) => ({ topic, partition, offset: base + from }));
  const objection = await inTransaction(pool, async (client) => {
    if ((await storedVersion(client, schemaOf(projection))) === undefined) return undefined;
    await useSchema(client, schemaOf(projection));
    return projection.objectToRebuild?.(transactionOf(client, false), begins);
  });
  if (objection !== undefined) throw new RebuildRefused(projection.name, objection);
}
