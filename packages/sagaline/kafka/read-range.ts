import { randomUUID } from 'node:crypto';
import type { ConsumedBatch, ConsumedRecord, Kafka } from './port.ts';

/** One partition's part of what is read: from an offset up to, but not including, another. */
export interface PartitionRange {
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** Silence after which what is missing up to an end is no record (a transaction's marker), ms. */
const IDLE_MS = 10_000;
const LOOK_EVERY_MS = 50;

interface ReadOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly ranges: readonly PartitionRange[];
  /** Records of one partition, in order; partitions one after the other. What it throws ends the reading. */
  readonly handle: (records: readonly ConsumedRecord[]) => Promise<void>;
}

/** Reads a part of a topic once, in a group that nobody else is in. */
export async function readRange({ kafka, topic, ranges, handle }: ReadOptions): Promise<void> {
  const open = new Map(ranges.filter(({ from, to }) => from < to).map((range) => [range.partition, { ...range }]));
  if (open.size === 0) return;
  let lastSign: number | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function read(batch: ConsumedBatch): Promise<void> {
    const range = open.get(batch.partition);
    const last = batch.records.at(-1)?.offset ?? '0';
    if (range && !failure) {
      // Before the group has been told where to begin, it may begin with the oldest record.
      if (BigInt(last) < range.from) return batch.seek(String(range.from));
      const within = batch.records.filter(({ offset }) => BigInt(offset) >= range.from && BigInt(offset) < range.to);
      if (within.length > 0) await handle(within).catch((error: unknown) => (failure = { error }));
      range.from = BigInt(last) + 1n;
      if (range.from >= range.to) open.delete(batch.partition);
      lastSign = performance.now();
    }
    batch.resolve(last);
  }

  const groupId = `sagaline-reader-${randomUUID()}`;
  const startAt = (_: string, partition: number) => open.get(partition)?.from.toString();
  const consumer = await kafka.createConsumer({ groupId, topics: [topic], concurrency: 1, startAt, handle: read });
  const isSilent = () => lastSign !== undefined && performance.now() - lastSign > IDLE_MS;
  try {
    while (open.size > 0 && !failure && !isSilent()) {
      await Promise.race([consumer.failed, new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))]);
    }
  } finally {
    await consumer.close();
    await kafka.deleteGroup(groupId);
  }
  if (failure) throw failure.error;
}
