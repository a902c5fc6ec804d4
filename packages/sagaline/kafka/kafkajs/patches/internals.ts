/**
 * The modules of kafkajs 2.2.4 that are patched, with as much of their shape as the patches use. kafkajs is unmaintained, its
 * version is pinned, and tests/unit/kafka-adapter/patches.test.ts fails where the shape is another.
 */
import { createRequire } from 'node:module';
import type { FetchResponse } from '../wire/fetch-response.ts';

const require = createRequire(import.meta.url);

/** What kafkajs builds requests with. */
export interface Encoder {
  readonly buffer: Buffer;
  writeInt8(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeInt64(value: number | string | bigint): Encoder;
  writeBoolean(value: boolean): Encoder;
  writeUVarInt(value: number): Encoder;
  writeUVarIntString(value: string | null): Encoder;
  writeUVarIntArray(value: Encoder[] | null): Encoder;
  writeBuffer(value: Buffer): Encoder;
}

export interface ProtocolRequest {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => Promise<Encoder>;
  };
  readonly response: {
    readonly decode: (bytes: Buffer) => Promise<unknown>;
    readonly parse: (data: never) => unknown;
  };
  readonly requestTimeout?: number;
}

/** One kind of request: its versions, and how each is made. The version in use is the highest that both sides know. */
export interface RequestDefinition<Options> {
  versions: string[];
  protocol(wanted: { version: number }): (options: Options) => ProtocolRequest;
}

export interface MetadataOptions {
  readonly topics: readonly string[];
  readonly allowAutoTopicCreation?: boolean;
}

export interface FetchOptions<Topic> {
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel: number;
  readonly rackId: string;
  readonly topics: readonly { readonly topic: Topic; readonly partitions: readonly PartitionRequest[] }[];
}

export interface PartitionRequest {
  readonly partition: number;
  readonly fetchOffset: string;
  readonly maxBytes: number;
}

/** A topic by its name, and by its id where the cluster has ids. */
export interface TopicRef {
  readonly name: string;
  readonly id: string | undefined;
}

export interface Broker {
  fetch(options: FetchOptions<TopicRef>): Promise<FetchResponse>;
  offsetFetch(request: object): Promise<{ responses: CommittedTopic[] }>;
}

export interface CommittedTopic {
  readonly topic: string;
  readonly partitions: { readonly partition: number; readonly offset: string; readonly metadata?: string | null }[];
}

export interface Cluster {
  readonly brokerPool: { readonly metadata: { readonly topicMetadata: { topic: string; topicId?: string }[] } | null };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  metadata(wanted: { topics: readonly string[] }): Promise<{ topicMetadata: { topic: string; topicId?: string }[] }>;
  refreshMetadataIfNecessary(): Promise<void>;
  findBroker(wanted: { nodeId: number }): Promise<Broker>;
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
}

export const isCluster = (value: object): value is Cluster => 'brokerPool' in value;

export interface OffsetManager {
  readonly cluster: Cluster;
  committedOffsets(): Record<string, Record<number, string | undefined>>;
  nextOffset(topic: string, partition: number): { toString(): string };
  commitOffsets(): Promise<void>;
  getCoordinator: (this: OffsetManager) => Promise<Broker>;
  uncommittedOffsets: (this: OffsetManager) => {
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
  };
  resolveOffsets: (this: OffsetManager) => Promise<void>;
}

export interface RequestQueue {
  readonly pending: readonly object[];
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: number[];
}

export interface ConsumerGroup {
  readonly cluster: Cluster;
  readonly offsetManager: OffsetManager | null;
  readonly subscriptionState: { assigned(): TopicPartitions[]; isPaused(topic: string, partition: number): boolean };
  readonly seekOffset: { has(topic: string, partition: number): boolean };
  readonly preferredReadReplicasPerTopicPartition: Record<string, Record<number, PreferredReplica | undefined>>;
  readonly [setting: `max${string}`]: number;
  readonly minBytes: number;
  readonly isolationLevel: number;
  readonly rackId: string;
  readonly metadataMaxAge: number;
  readonly autoCommit: boolean;
  joinAndSync: (this: ConsumerGroup) => Promise<void>;
  fetch: (this: ConsumerGroup, nodeId: number) => Promise<object[]>;
  checkForStaleAssignment(): void;
  filterPartitionsByNode(nodeId: number, partitions: TopicPartitions[]): TopicPartitions[];
  seekOffsets(partitions: TopicPartitions[]): Promise<void>;
  getActiveTopicPartitions(): Record<string, ReadonlySet<number>>;
  recoverFromFetch(error: unknown): Promise<void>;
  seek(position: { topic: string; partition: number; offset: string }): void;
}

export interface PreferredReplica {
  readonly nodeId: number;
  readonly expireAt: number;
}

type BatchClass = new (topic: string, fetchedOffset: string, partitionData: object) => object;

const load = (path: string): unknown => require(`kafkajs/src/${path}`);

export const internals = {
  version: (require('kafkajs/package.json') as { version: string }).version,
  Encoder: load('protocol/encoder') as new () => Encoder,
  apiKeys: load('protocol/requests/apiKeys') as { readonly Fetch: number; readonly Metadata: number },
  metadata: load('protocol/requests/metadata') as RequestDefinition<MetadataOptions>,
  fetch: load('protocol/requests/fetch') as RequestDefinition<FetchOptions<string>>,
  parseMetadata: (load('protocol/requests/metadata/v0/response') as ProtocolRequest['response']).parse,
  createErrorFromCode: (load('protocol/error') as { createErrorFromCode: (code: number) => Error }).createErrorFromCode,
  lookupCodec: (load('protocol/message/compression') as { lookupCodec: (type: number) => Codec | null }).lookupCodec,
  readMessageSet: load('protocol/messageSet/decoder') as (decoder: object, size: number) => Promise<OldMessage[]>,
  Decoder: load('protocol/decoder') as new (bytes: Buffer) => object,
  Batch: load('consumer/batch') as BatchClass,
  ConsumerGroup: load('consumer/consumerGroup') as { readonly prototype: ConsumerGroup },
  RequestQueue: load('network/requestQueue') as { readonly prototype: RequestQueue },
  OffsetManager: load('consumer/offsetManager') as { readonly prototype: OffsetManager },
};

interface Codec {
  decompress(bytes: Buffer): Promise<Buffer>;
}

export interface OldMessage {
  readonly offset: string;
  readonly timestamp?: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly attributes: number;
}
