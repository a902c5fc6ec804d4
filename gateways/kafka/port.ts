/**
 * The only view of Kafka that Sagaline has. kafkajs stands behind it, in one folder, and can be replaced there:
 * nothing outside gateways/kafka/kafkajs/ imports it.
 */

/** Header values as bytes; a header that came more than once is an array. */
export type RecordHeaders = Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;

export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  /** The record's own time stamp, ms since the epoch. */
  readonly timestamp: number;
}

/** Consecutive records of one partition. */
export interface ConsumedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ConsumedRecord[];
  /** Says that everything up to and including `offset` is durably handled; committed soon after. */
  resolve(offset: string): void;
  /** Keeps the membership alive during slow work; throws when the partition was taken away: stop handling then. */
  heartbeat(): Promise<void>;
  /** False once the partition was taken away or the consumer is stopping. */
  isActive(): boolean;
  /** Reads the partition from `offset` on next, whatever was resolved; the rest of this batch is not delivered again. */
  seek(offset: string): void;
}

export interface ProducedRecord {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[]>>;
}

export interface RecordProducer {
  /** Sends all, in order per key, and resolves when every in-sync replica has them. Calls are serialised. */
  send(records: readonly ProducedRecord[]): Promise<void>;
  /** True while the last send succeeded, or none was tried since connecting. */
  isReady(): boolean;
  close(): Promise<void>;
}

export interface BatchConsumer {
  /** True while the group membership holds and fetches succeed. */
  isReady(): boolean;
  /** Rejects when the consumer crashed for good and could not be rebuilt: the process must end with the reason. */
  readonly failed: Promise<never>;
  /** Stops fetching, lets batches in hand end, commits, leaves the group. Bounded by the caller. */
  close(): Promise<void>;
}

export interface ConsumerOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Partitions handled at the same time. */
  readonly concurrency: number;
  /** Throwing leaves the unresolved offsets where they are: the records come again. */
  handle(batch: ConsumedBatch): Promise<void>;
  /** Records in one call of `handle`, at most; 500 unless told. */
  readonly maxRecords?: number;
  /**
   * Given, the group commits no offsets: whoever handles the records keeps them, and says here where an assigned partition was
   * left as far as it knows. It may be wrong, and is undefined for the partition's beginning; `seek` corrects it.
   */
  startAt?(topic: string, partition: number): string | undefined;
}

export interface Kafka {
  createProducer(): Promise<RecordProducer>;
  createConsumer(options: ConsumerOptions): Promise<BatchConsumer>;
  /** Creates the topics that are missing; leaves the others as they are. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Checks that a broker answers, within a bound. */
  ping(): Promise<void>;
  /** Where the partitions of a topic begin and end at the moment. */
  offsetsOf(topic: string): Promise<readonly PartitionOffsets[]>;
  /** By partition, the offset of the first record at or after a time (ms since the epoch); the end where there is none. */
  offsetsAt(topic: string, timeMs: number): Promise<ReadonlyMap<number, bigint>>;
  /** Forgets a consumer group that nobody will join again. */
  deleteGroup(groupId: string): Promise<void>;
}

export interface PartitionOffsets {
  readonly partition: number;
  /** The oldest record that is kept. */
  readonly low: bigint;
  /** One above the newest record. */
  readonly high: bigint;
}

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  /** Broker-side topic settings, such as max.message.bytes. */
  readonly config?: Readonly<Record<string, string>>;
}
