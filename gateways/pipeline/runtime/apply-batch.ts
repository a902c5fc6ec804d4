/**
 * Applies records to a projection with effect exactly once: its rows and its offset change in one transaction, and the offset's
 * row is locked first, so a member that lost its partition without knowing changes nothing (Kafka's group is only a way to
 * share the work; nothing rests on its commits).
 */
import type { Pool, PoolClient } from 'pg';
import type { Failpoint } from '../../../activities/failpoints.ts';
import type { ConsumedRecord } from '../../kafka/port.ts';
import type { Projection, ProjectionTransaction } from './projection.ts';
import type { RecordedEvent } from './recorded-event.ts';
import { inTransaction, useSchema } from './schema.ts';

export interface ApplyDeps {
  readonly pool: Pool;
  readonly projection: Projection;
  /** The live schema, or the one that is being rebuilt. */
  readonly schema: string;
  readonly live: boolean;
  readonly read: (record: ConsumedRecord) => RecordedEvent;
  readonly failpoint: Failpoint;
}

export type Applied =
  /** Everything up to here is in the tables. */
  | { readonly kind: 'applied'; readonly next: bigint; readonly records: number }
  /** The records are not the ones that come next: read from there. */
  | { readonly kind: 'elsewhere'; readonly next: bigint };

export interface RecordRange {
  readonly topic: string;
  readonly partition: number;
  /** Consecutive, at least one. */
  readonly records: readonly ConsumedRecord[];
  /**
   * The offset from which these records were asked for, if known. Where it is the one that the tables want, a gap before the first
   * record is the log's own (compaction, transaction markers), and not a loss.
   */
  readonly askedFrom: bigint | undefined;
}

export function createApply({ pool, projection, schema, live, read, failpoint }: ApplyDeps) {
  return function applyBatch({ topic, partition, records, askedFrom }: RecordRange): Promise<Applied> {
    const first = BigInt(records[0]?.offset ?? 0);
    const last = BigInt(records.at(-1)?.offset ?? -1);
    return inTransaction<Applied>(pool, async (client) => {
      await useSchema(client, schema);
      const next = await lockOffset(client, topic, partition);
      if (next !== undefined && (last < next || (first > next && askedFrom !== next)))
        return { kind: 'elsewhere', next };
      const fresh = next === undefined ? records : records.filter(({ offset }) => BigInt(offset) >= next);
      await projection.apply(transactionOf(client, live), fresh.map(read));
      await client.query('UPDATE "offsets" SET "next_offset" = $3 WHERE "topic" = $1 AND "partition" = $2', [
        topic,
        partition,
        last + 1n,
      ]);
      failpoint('projection.before-commit');
      return { kind: 'applied', next: last + 1n, records: fresh.length };
    }).then((applied) => {
      failpoint('projection.after-commit');
      return applied;
    });
  };
}

/** The offset that the tables want next, its row locked until the transaction ends; undefined when nothing was applied yet. */
async function lockOffset(client: PoolClient, topic: string, partition: number): Promise<bigint | undefined> {
  const select = 'SELECT "next_offset" FROM "offsets" WHERE "topic" = $1 AND "partition" = $2 FOR UPDATE';
  const locked = await client.query<{ next_offset: string }>(select, [topic, partition]);
  if (locked.rows[0]) return BigInt(locked.rows[0].next_offset);
  // -1 stands for "nothing yet", so that there is a row to lock; a second member waits here for the first one's end.
  await client.query('INSERT INTO "offsets" VALUES ($1, $2, -1) ON CONFLICT DO NOTHING', [topic, partition]);
  const { rows } = await client.query<{ next_offset: string }>(select, [topic, partition]);
  const next = BigInt(rows[0]?.next_offset ?? -1);
  return next < 0n ? undefined : next;
}

export function transactionOf(client: PoolClient, live: boolean): ProjectionTransaction {
  return {
    live,
    async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
      const { rows } = await client.query<Row>(sql, [...values]);
      return rows;
    },
  };
}

/** Every offset that a schema's tables want next. */
export async function readOffsets(pool: Pool, schema: string): Promise<Map<string, bigint>> {
  return inTransaction(pool, async (client) => {
    await useSchema(client, schema);
    const { rows } = await client.query<{ topic: string; partition: number; next_offset: string }>(
      'SELECT "topic", "partition", "next_offset" FROM "offsets" WHERE "next_offset" >= 0',
    );
    return new Map(rows.map((row) => [positionKey(row.topic, row.partition), BigInt(row.next_offset)]));
  });
}

export const positionKey = (topic: string, partition: number): string => `${topic}/${partition}`;
