import { METADATA_WITH_IDS, readMetadataResponse } from '../wire/metadata-response.ts';
import { internals, type MetadataOptions, type ProtocolRequest } from './internals.ts';

const NO_ID = Buffer.alloc(16);

/** Teaches kafkajs, which stops at version 6, the version of Metadata that has topic ids; older brokers are asked as before. */
export function patchMetadata(): void {
  const { metadata } = internals;
  const highest = Math.max(...metadata.versions.map(Number));
  const before = metadata.protocol.bind(metadata);
  metadata.versions.push(String(METADATA_WITH_IDS));
  metadata.protocol = ({ version }) =>
    version >= METADATA_WITH_IDS ? requestWithIds : before({ version: Math.min(version, highest) });
}

function requestWithIds({ topics, allowAutoTopicCreation = true }: MetadataOptions): ProtocolRequest {
  return {
    request: {
      apiKey: internals.apiKeys.Metadata,
      apiVersion: METADATA_WITH_IDS,
      apiName: 'Metadata',
      encode: () => Promise.resolve(encode(topics, allowAutoTopicCreation)),
    },
    response: {
      decode: (bytes) => Promise.resolve().then(() => readMetadataResponse(bytes)),
      parse: internals.parseMetadata,
    },
  };
}

function encode(topics: readonly string[], allowAutoTopicCreation: boolean) {
  const named = topics.map((topic) =>
    new internals.Encoder().writeBuffer(NO_ID).writeUVarIntString(topic).writeUVarInt(0),
  );
  return (
    new internals.Encoder()
      // The end of the flexible header.
      .writeUVarInt(0)
      // No list means every topic.
      .writeUVarIntArray(named.length === 0 ? null : named)
      .writeBoolean(allowAutoTopicCreation)
      .writeBoolean(false)
      .writeUVarInt(0)
  );
}
