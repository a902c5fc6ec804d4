/**
 * The only view of Kafka that Sagaline has. kafkajs stands behind it, in one folder, and can be replaced there:
 * nothing outside packages/sagaline/kafka/kafkajs/ imports it.
 */

/**
 * One value of a header. Kafka's record format allows null, which kcat writes for a header without "=": the header is there, without
 * a value. Who reads headers treats it as absent.
 */
export type HeaderValue = Buffer | string | null;

/** Header values as bytes; a header that came more than once is an array, in which each value may be null. */
export type RecordHeaders = Readonly<Record<string, HeaderValue | HeaderValue[] | undefined>>;

/** A record as it came. */
export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  /**
   * Which life of its topic it is from, as packages/sagaline/kafka/topic-lives.ts counts them: a topic that was deleted and made again has
   * another. The first when absent.
   */
  readonly topicLife?: number;
  /** The record's own time stamp as it was written, ms since the epoch: any 64-bit integer, whether a calendar has it or not. */
  readonly timestamp: number;
  /**
   * Given where the log holds bytes here that nobody can read: then key and value are null, there are no headers, `offset` is the
   * last of the range, and this stands for every record of it. Whoever handles records sets it aside, and resolves `offset`.
   */
  readonly undecodable?: Undecodable;
}

/** Records that cannot be read, however often they are fetched: what is known of them. */
export interface Undecodable {
  /** First and last offset, both included; equal where one record alone is meant. */
  readonly firstOffset: string;
  readonly lastOffset: string;
  readonly reason: UndecodableReason;
  /** The reason in words; names sizes and limits, never content. */
  readonly message: string;
  /** Size in the log, in bytes, compressed as it came. */
  readonly bytes: number;
  /** SHA-256 of these bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Why records cannot be read. */
export type UndecodableReason =
  /** It expands above the limit: a bomb, or a record that nobody here could hold. */
  | 'expands-too-far'
  /** Compressed in a way that this consumer does not know. */
  | 'unknown-codec'
  /** Broken: it does not decompress, or its lengths contradict each other. */
  | 'corrupt'
  /** One record with more headers than are read. */
  | 'too-many-headers';

/** Consecutive records of one partition, of one life of its topic. */
export interface ConsumedBatch {
  readonly topic: string;
  readonly partition: number;
  /**
   * Kafka's own id of the topic (KIP-516), a UUID: another one after the topic was deleted and made again, so that (topicId,
   * partition, offset) names a record for ever. Undefined at brokers that know none (before Kafka 3.1).
   */
  readonly topicId?: string;
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
  /** Where it goes, whatever its key says; where the topic has fewer partitions, counted round. Else the key decides, as in Java. */
  readonly partition?: number;
}

export interface RecordProducer {
  /**
   * Sends all, in order per key, and resolves when every in-sync replica has them. Calls are serialised.
   *
   * @throws RecordsRefused for what the topic does not take, such as MESSAGE_TOO_LARGE, which is told before anything is sent
   * @throws KafkaUnavailable for everything else
   */
  send(records: readonly ProducedRecord[]): Promise<void>;
  /** True while the last send succeeded, or none was tried since connecting. */
  isReady(): boolean;
  close(): Promise<void>;
}

export interface BatchConsumer {
  /** True while the group membership holds, fetches succeed, and what was fetched is being resolved. */
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
  startAt?(topic: string, partition: number, topicId?: string): string | undefined;
  /**
   * The next offset to read is above the log's end: the log was cut off, or the topic made anew, so that offsets repeat. Answers
   * from which offset to read on, or undefined for "stop": then the partition is not read, the consumer is not ready and says why
   * in its log, and this is asked again every few seconds; the other partitions go on. Without it the answer is always "stop".
   */
  onPartitionEndsBelow?(gap: PartitionEndsBelow): string | undefined;
}

export interface PartitionEndsBelow {
  readonly topic: string;
  readonly partition: number;
  /** Of the topic as it is now. */
  readonly topicId?: string;
  /** The offset that was to be read next. */
  readonly next: string;
  /** The oldest record that is kept, and one above the newest. */
  readonly low: string;
  readonly high: string;
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
  /** Kafka's id of a topic as it is now; undefined at brokers that know none. */
  topicIdOf(topic: string): Promise<string | undefined>;
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
