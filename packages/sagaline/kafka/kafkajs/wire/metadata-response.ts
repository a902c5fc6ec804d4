import { ByteReader } from './byte-reader.ts';

/** Metadata in version 12, which has every topic's id (KIP-516); the form is kafkajs's own. */
export const METADATA_WITH_IDS = 12;

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** https://kafka.apache.org/protocol#The_Messages_Metadata */
export function readMetadataResponse(bytes: Buffer) {
  const reader = new ByteReader(bytes);
  const list = <T extends object>(read: () => T): T[] =>
    reader.array(true, () => {
      const one = read();
      reader.skipTags();
      return one;
    });
  const ids = () => reader.array(true, () => reader.int32());
  reader.skipTags();
  const clientSideThrottleTime = reader.int32();
  const brokers = list(() => ({
    nodeId: reader.int32(),
    host: reader.compactString(),
    port: reader.int32(),
    rack: reader.compactString(),
  }));
  const clusterId = reader.compactString();
  const controllerId = reader.int32();
  const topicMetadata = list(() => {
    const topicErrorCode = reader.int16();
    const topic = reader.compactString();
    const id = reader.uuid();
    const isInternal = reader.int8() === 1;
    const partitionMetadata = list(() => {
      const [partitionErrorCode, partitionId, leader] = [reader.int16(), reader.int32(), reader.int32()];
      // The leader's epoch.
      reader.int32();
      return { partitionErrorCode, partitionId, leader, replicas: ids(), isr: ids(), offlineReplicas: ids() };
    });
    // Operations that are allowed; not asked for.
    reader.int32();
    return { topicErrorCode, topic, topicId: id === NO_ID ? undefined : id, isInternal, partitionMetadata };
  });
  return { throttleTime: 0, clientSideThrottleTime, brokers, clusterId, controllerId, topicMetadata };
}
