import { MAX_BATCH_BYTES } from '../codecs/register.ts';
import { DecodeFailure } from '../codecs/decode-failure.ts';
import { BY_TOPIC_ID, readFetchResponse, type FetchResponse } from '../wire/fetch-response.ts';
import type { RecordSetDeps } from '../wire/record-set.ts';
import type { WireRecord } from '../wire/record.ts';
import { internals, type FetchOptions, type ProtocolRequest, type TopicRef } from './internals.ts';

/** Decompressed bytes of one fetch, above which the rest of its compressed batches is left for the next. */
const MAX_EXPANDED_BYTES = MAX_BATCH_BYTES;
/** Before it, answers have a format of their own (Kafka 0.10). */
const OLDEST = 4;

/**
 * Replaces how kafkajs reads the answer to a fetch: its headers cost an object spread each, its decompression has no bound, one
 * batch that cannot be read fails the whole fetch for ever, and a batch that compaction emptied holds up its partition. Also
 * asks by topic id where the broker knows ids: then records are known to be of that very topic, not of one made anew since.
 */
export function patchFetch(): void {
  const { fetch } = internals;
  const before = fetch.protocol.bind(fetch);
  const highest = Math.max(...fetch.versions.map(Number));
  fetch.versions = [...fetch.versions.filter((version) => Number(version) >= OLDEST), String(BY_TOPIC_ID)];
  const protocol =
    ({ version }: { version: number }) =>
    (options: FetchOptions<TopicRef>): ProtocolRequest => {
      const ids = options.topics.flatMap(({ topic: { id, name } }) => (id === undefined ? [] : [[id, name] as const]));
      if (version >= BY_TOPIC_ID && ids.length === options.topics.length) return requestById(options, new Map(ids));
      const known = Math.min(version, highest);
      const byName = { ...options, topics: options.topics.map((one) => ({ ...one, topic: one.topic.name })) };
      return { ...before({ version: known })(byName), response: responseOf(known, (name) => name) };
    };
  Object.assign(fetch, { protocol });
}

function requestById(options: FetchOptions<TopicRef>, names: ReadonlyMap<string, string>): ProtocolRequest {
  return {
    request: {
      apiKey: internals.apiKeys.Fetch,
      apiVersion: BY_TOPIC_ID,
      apiName: 'Fetch',
      encode: () => Promise.resolve(encode(options)),
    },
    response: responseOf(BY_TOPIC_ID, (id) => names.get(id) ?? id),
    requestTimeout: options.maxWaitTime + 100,
  };
}

/** https://kafka.apache.org/protocol#The_Messages_Fetch, version 13, without a session. */
function encode({ maxWaitTime, minBytes, maxBytes, isolationLevel, topics, rackId }: FetchOptions<TopicRef>) {
  const { Encoder } = internals;
  const entries = topics.map(({ topic, partitions }) => {
    const wanted = partitions.map(({ partition, fetchOffset, maxBytes: most }) =>
      new Encoder()
        .writeInt32(partition)
        // Leader epoch, offset, last fetched epoch, log start (for replicas).
        .writeInt32(-1)
        .writeInt64(fetchOffset)
        .writeInt32(-1)
        .writeInt64(-1)
        .writeInt32(most)
        .writeUVarInt(0),
    );
    const id = Buffer.from((topic.id ?? '').replaceAll('-', ''), 'hex');
    return new Encoder().writeBuffer(id).writeUVarIntArray(wanted).writeUVarInt(0);
  });
  return (
    new Encoder()
      // The end of the flexible header; then "not a replica".
      .writeUVarInt(0)
      .writeInt32(-1)
      .writeInt32(maxWaitTime)
      .writeInt32(minBytes)
      .writeInt32(maxBytes)
      .writeInt8(isolationLevel)
      // No session: id 0, epoch -1.
      .writeInt32(0)
      .writeInt32(-1)
      .writeUVarIntArray(entries)
      .writeUVarIntArray([])
      .writeUVarIntString(rackId)
      .writeUVarInt(0)
  );
}

function responseOf(version: number, nameOf: (topic: string) => string): ProtocolRequest['response'] {
  return {
    async decode(bytes): Promise<FetchResponse> {
      const deps: RecordSetDeps = { decompress, readOldMessages, budget: { left: MAX_EXPANDED_BYTES } };
      const response = await readFetchResponse(bytes, version, deps);
      return { ...response, topics: response.topics.map((one) => ({ ...one, topic: nameOf(one.topic) })) };
    },
    // Errors of partitions are judged where the fetch was made.
    parse: (data) => data,
  };
}

function decompress(type: number, packed: Buffer): Promise<Buffer> {
  const codec = internals.lookupCodec(type);
  if (!codec)
    throw new DecodeFailure('unknown-codec', `a batch is compressed with codec ${type}, which nobody knows here`);
  return codec.decompress(packed);
}

async function readOldMessages(bytes: Buffer): Promise<WireRecord[]> {
  const messages = await internals.readMessageSet(new internals.Decoder(bytes), bytes.length);
  return messages.map(({ offset, timestamp = '-1', key, value, attributes }) => {
    return { offset, timestamp, key, value, headers: {}, attributes, isControlRecord: false };
  });
}
