/** Where a projection's tables are in each partition, kept beside them. */
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { inTransaction, useSchema } from './transaction.ts';

/** A partition's place, its row locked until the transaction ends. */
export interface Place {
  /** The offset that the tables want next; undefined when nothing was applied yet. */
  readonly next: bigint | undefined;
  /** Kafka's id of the topic whose offsets these are; null when it is not known. */
  readonly topicId: string | null;
  /** Records of the topic's former lives: see lives.ts. */
  readonly base: bigint;
  /** Records that were set aside one after the other, with none between them that was applied. */
  readonly asideInARow: number;
}

interface PlaceRow {
  readonly next_offset: string;
  readonly topic_id: string | null;
  readonly base: string;
  readonly aside_in_a_row: number;
}

const SELECT = `SELECT "next_offset", "topic_id", "base", "aside_in_a_row" FROM "offsets"
  WHERE "topic" = $1 AND "partition" = $2 FOR UPDATE`;

/** -1 stands for "nothing yet", so that there is a row to lock; a second member waits here for the first one's end. */
export async function lockPlace(client: PoolClient, topic: string, partition: number): Promise<Place> {
  try {
    return await lock(client, topic, partition);
  } catch (error) {
    if (error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE)
      throw new PlaceHeld(topic, partition, error);
    throw error;
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

/** Another member has the partition's row for longer than a batch takes: it is frozen, or cut off. */
export class PlaceHeld extends Error {
  override readonly name = 'PlaceHeld';
  constructor(topic: string, partition: number, cause: unknown) {
    super(
      `another member of the pipeline holds the offset of ${positionKey(topic, partition)} and does not let go: ` +
        'if it is frozen, PostgreSQL ends its session soon, and this one goes on',
      { cause },
    );
  }
}

async function lock(client: PoolClient, topic: string, partition: number): Promise<Place> {
  const locked = await client.query<PlaceRow>(SELECT, [topic, partition]);
  if (locked.rows[0]) return placeOf(locked.rows[0]);
  await client.query('INSERT INTO "offsets" VALUES ($1, $2, -1) ON CONFLICT DO NOTHING', [topic, partition]);
  const { rows } = await client.query<PlaceRow>(SELECT, [topic, partition]);
  if (!rows[0]) throw new Error(`the offset of ${positionKey(topic, partition)} went away while it was read`);
  return placeOf(rows[0]);
}

function placeOf(row: PlaceRow): Place {
  const next = BigInt(row.next_offset);
  return {
    next: next < 0n ? undefined : next,
    topicId: row.topic_id,
    base: BigInt(row.base),
    asideInARow: row.aside_in_a_row,
  };
}

export interface Moved {
  readonly next: bigint;
  readonly topicId: string | null;
  readonly asideInARow: number;
}

export async function movePlace(client: PoolClient, topic: string, partition: number, to: Moved): Promise<void> {
  await client.query(
    `UPDATE "offsets" SET "next_offset" = $3, "topic_id" = $4, "aside_in_a_row" = $5
     WHERE "topic" = $1 AND "partition" = $2`,
    [topic, partition, to.next, to.topicId, to.asideInARow],
  );
}

/** What a schema's tables want next, as far as anything was applied. */
export interface StoredPlace {
  readonly topic: string;
  readonly partition: number;
  readonly next: bigint;
  readonly topicId: string | null;
  readonly base: bigint;
}

/** By `positionKey`. */
export async function readPlaces(pool: Pool, schema: string): Promise<Map<string, StoredPlace>> {
  return inTransaction(pool, async (client) => {
    await useSchema(client, schema);
    // Some columns are younger than some tables: a command may read what no pipeline of this version has opened yet.
    const { rows } = await client.query<Partial<PlaceRow> & { topic: string; partition: number; next_offset: string }>(
      'SELECT * FROM "offsets" WHERE "next_offset" >= 0',
    );
    return new Map(
      rows.map(({ topic, partition, next_offset, topic_id, base }) => [
        positionKey(topic, partition),
        { topic, partition, next: BigInt(next_offset), topicId: topic_id ?? null, base: BigInt(base ?? 0) },
      ]),
    );
  });
}

export const positionKey = (topic: string, partition: number): string => `${topic}/${partition}`;
