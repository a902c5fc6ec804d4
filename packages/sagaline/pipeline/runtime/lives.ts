/**
 * A topic that is deleted and made again has offsets that were there before. Kafka's own id of the topic tells its lives apart;
 * here each life of a partition goes on counting where the former one ended, by a base that is added to its offsets. So a record's
 * place (topic, partition, base + offset) is never another record's, and grows with time, whatever became of the topic.
 */
import type { Pool, PoolClient } from 'pg';
import type { PartitionEndsBelow } from '../../kafka/port.ts';
import { lockPlace, movePlace, readPlaces, type Place } from './offsets.ts';
import { inTransaction, useSchema } from './transaction.ts';

/** Lives that are over: records of one that come late, from a member that does not know it yet, are of no use any more. */
export const LIVES = `
  CREATE TABLE IF NOT EXISTS "lives" (
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "topic_id" TEXT NOT NULL,
    "base" BIGINT NOT NULL,
    "next_offset" BIGINT NOT NULL,
    PRIMARY KEY ("topic", "partition", "topic_id")
  )`;

/** The partition's log ends before the offset that the tables want, and nothing tells why. */
export class TopicEndsBelow extends Error {
  override readonly name = 'TopicEndsBelow';
  constructor(projection: string, { topic, partition, next, high }: PartitionEndsBelow) {
    super(
      `partition ${partition} of ${topic} ends at offset ${high}, and the tables of projection ${projection} want ${next} next: ` +
        'its log was cut off, or the topic was made anew while nobody looked. Nothing of it is read until somebody decides: ' +
        `npm run saga -- projection rebuild ${projection}   builds the view from what Kafka has now; ` +
        `npm run saga -- projection begin-again ${projection} ${topic}   keeps what is there, and reads the topic from its beginning`,
    );
  }
}

/**
 * Whether records of this topic id are of the life that a partition's tables are in (`same`), of one after it, or of one that is
 * over. A topic id that is not known, on either side, is taken for the same.
 */
export async function lifeOf(
  client: PoolClient,
  place: Place,
  { topic, partition, topicId }: { readonly topic: string; readonly partition: number; readonly topicId?: string },
): Promise<'same' | 'next' | 'over'> {
  if (topicId === undefined || place.topicId === null || place.topicId === topicId) return 'same';
  const { rows } = await client.query(
    'SELECT FROM "lives" WHERE "topic" = $1 AND "partition" = $2 AND "topic_id" = $3',
    [topic, partition, topicId],
  );
  return rows.length > 0 ? 'over' : 'next';
}

/** Ends the life that a partition's tables are in. The next one begins with its first record, whatever offset that has. */
export async function beginLife(
  client: PoolClient,
  place: Place,
  {
    topic,
    partition,
    topicId,
  }: { readonly topic: string; readonly partition: number; readonly topicId: string | null },
): Promise<Place> {
  const { next = 0n, base } = place;
  // A log that was cut off is the same topic's.
  if (place.topicId !== null && place.topicId !== topicId) {
    await client.query('INSERT INTO "lives" VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [
      ...[topic, partition, place.topicId, base, next],
    ]);
  }
  await client.query('UPDATE "offsets" SET "base" = $3 WHERE "topic" = $1 AND "partition" = $2', [
    ...[topic, partition, base + next],
  ]);
  const begun = { next: 0n, topicId, asideInARow: place.asideInARow };
  await movePlace(client, topic, partition, begun);
  return { ...begun, base: base + next };
}

/**
 * Notes the ids of topics whose tables know none yet: they were made before ids were kept, and what they want next is there.
 *
 * @param topicIds by topic, as they are now
 * @param ends by topic and partition, the offset above the newest record
 */
export async function adoptTopicIds(
  pool: Pool,
  schema: string,
  topicIds: ReadonlyMap<string, string>,
  ends: (topic: string, partition: number) => bigint | undefined,
): Promise<void> {
  const places = await readPlaces(pool, schema);
  const unknown = [...places.values()].filter(({ topicId }) => topicId === null);
  for (const { topic, partition, next } of unknown) {
    const [topicId, end] = [topicIds.get(topic), ends(topic, partition)];
    if (topicId === undefined || end === undefined || end < next) continue;
    await inTransaction(pool, async (client) => {
      await useSchema(client, schema);
      await client.query(
        'UPDATE "offsets" SET "topic_id" = $3 WHERE "topic" = $1 AND "partition" = $2 AND "topic_id" IS NULL',
        [topic, partition, topicId],
      );
    });
  }
}

/** An operator says that a topic is another one now. @returns the partitions that begin again */
export function beginAgain(pool: Pool, schema: string, topic: string, topicId: string | undefined): Promise<number[]> {
  return inTransaction(pool, async (client) => {
    await useSchema(client, schema);
    const { rows } = await client.query<{ partition: number }>(
      'SELECT "partition" FROM "offsets" WHERE "topic" = $1 AND "next_offset" >= 0 ORDER BY 1',
      [topic],
    );
    for (const { partition } of rows) {
      const place = await lockPlace(client, topic, partition);
      await beginLife(client, place, { topic, partition, topicId: topicId ?? null });
    }
    return rows.map(({ partition }) => partition);
  });
}
