import type { Pool } from 'pg';
import type { Kafka } from '../../kafka/port.ts';
import type { PartitionRange } from '../../kafka/read-range.ts';
import { positionKey, readPlaces, type StoredPlace } from '../runtime/offsets.ts';
import { schemaOf, type Projection } from '../runtime/projection.ts';
import { storedVersion } from '../runtime/schema.ts';
import { inTransaction } from '../runtime/transaction.ts';

/** Where a rebuilt partition begins; of partitions without a record too, so that they compare with the live ones. */
export interface Start {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's offset. */
  readonly from: bigint;
  readonly topicId: string | null;
  /** Records of the topic's former lives, which Kafka has no more: their places stay theirs. */
  readonly base: bigint;
}

interface StartDeps {
  readonly pool: Pool;
  readonly kafka: Kafka;
  readonly projection: Projection;
}

export async function startsOf(
  { pool, kafka, projection }: StartDeps,
  goals: ReadonlyMap<string, readonly PartitionRange[]>,
): Promise<Start[]> {
  const schema = schemaOf(projection);
  const isBuilt = await inTransaction(pool, async (client) => (await storedVersion(client, schema)) !== undefined);
  const live = isBuilt ? await readPlaces(pool, schema) : new Map<string, StoredPlace>();
  const starts = [...goals].map(async ([topic, ranges]) => {
    const topicId = await kafka.topicIdOf(topic);
    return ranges.map(({ partition, from, to }): Start => ({
      ...{ topic, partition, from, topicId: topicId ?? null },
      base: baseOf(live.get(positionKey(topic, partition)), topicId, to),
    }));
  });
  return (await Promise.all(starts)).flat();
}

/** A topic that was made anew, or whose log was cut off, begins where the live tables are. */
function baseOf(live: StoredPlace | undefined, topicId: string | undefined, end: bigint): bigint {
  if (!live) return 0n;
  const isAnother = topicId !== undefined && live.topicId !== null && live.topicId !== topicId;
  return isAnother || live.next > end ? live.base + live.next : live.base;
}
