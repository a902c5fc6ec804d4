/** Each patch of kafkajs: that it is in force, and that kafkajs still has what it replaces. */
import { createRequire } from 'node:module';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { createKafka } from '../../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import { internals, isCluster } from '../../../packages/sagaline/kafka/kafkajs/patches/internals.ts';
import { silent } from '../../support/kafka.ts';

createKafka(readConfig({}).kafka, silent);
const require = createRequire(import.meta.url);
const lookup = require('kafkajs/src/protocol/requests') as {
  requests: { Metadata: object; Fetch: object };
  lookup: (versions: object) => (
    key: number,
    definition: object,
  ) => (options: object) => {
    request: { apiVersion: number };
    response: { decode: unknown };
  };
};

/** The request that kafkajs would make of a broker that knows versions up to `maxVersion`. */
function requestFor(name: 'Metadata' | 'Fetch', maxVersion: number, options: object) {
  const key = internals.apiKeys[name];
  return lookup.lookup({ [key]: { minVersion: 0, maxVersion } })(key, lookup.requests[name])(options);
}

test('kafkajs is the version that the patches were written for', () => {
  expect(internals.version).toBe('2.2.4');
});

describe('metadata', () => {
  test.each([
    [13, 12],
    [12, 12],
    [11, 6],
    [9, 6],
    [5, 5],
  ])('a broker up to version %i is asked in version %i', (broker, asked) => {
    expect(requestFor('Metadata', broker, { topics: ['t'] }).request.apiVersion).toBe(asked);
  });
});

describe('fetch', () => {
  const topics = (id?: string) => [{ topic: { name: 't', id }, partitions: [] }];
  const options = { maxWaitTime: 1, minBytes: 1, maxBytes: 1, isolationLevel: 1, rackId: '' };

  test.each([
    [17, 13],
    [13, 13],
    [12, 11],
    [4, 4],
  ])('a broker up to version %i is asked in version %i', (broker, asked) => {
    const made = requestFor('Fetch', broker, { ...options, topics: topics('6a1e2f60-0000-4000-8000-000000000000') });
    expect(made.request.apiVersion).toBe(asked);
  });

  test('a topic without an id is asked for by name', () => {
    expect(requestFor('Fetch', 17, { ...options, topics: topics() }).request.apiVersion).toBe(11);
  });

  test('no version is read by the code that has no bounds', () => {
    for (let version = 4; version <= 11; version++) {
      const theirs = require(`kafkajs/src/protocol/requests/fetch/v${version}/response`) as { decode: unknown };
      expect(requestFor('Fetch', version, { ...options, topics: topics() }).response.decode).not.toBe(theirs.decode);
    }
  });
});

test('a queue in which nothing waits sets no timer', () => {
  const { prototype } = internals.RequestQueue;
  const queue = Object.create(prototype, {
    pending: { value: [] },
    throttledUntil: { value: -1 },
    throttleCheckTimeoutId: { value: null, writable: true },
  }) as typeof prototype & { throttleCheckTimeoutId: NodeJS.Timeout | null };
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

describe('a consumer', () => {
  const source = (method: unknown): string => String(method);

  test('fetches, joins and commits with our code', () => {
    const { ConsumerGroup, OffsetManager } = internals;
    expect(source(ConsumerGroup.prototype.fetch)).toContain('recoverFromFetch');
    expect(source(ConsumerGroup.prototype.fetch)).not.toContain('getActiveTopicPartitions');
    expect(source(ConsumerGroup.prototype.joinAndSync)).toContain('beforeJoin');
    expect(source(OffsetManager.prototype.uncommittedOffsets)).toContain('topic-id');
    expect(source(OffsetManager.prototype.resolveOffsets)).toContain('offsetFetch');
  });

  test('shows its cluster to whoever assigns partitions', () => {
    const seen: object[] = [];
    const partitionAssigners = [
      ({ cluster }: { cluster: object }) => {
        seen.push(cluster);
        return {
          name: 'x',
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: 'x', metadata: Buffer.alloc(0) }),
        };
      },
    ];
    new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }).consumer({ groupId: 'g', partitionAssigners });
    expect(seen.map((cluster) => isCluster(cluster))).toEqual([true]);
  });

  test('uses what kafkajs still has', () => {
    const wanted: [object, string[]][] = [
      [internals.ConsumerGroup.prototype, ['filterPartitionsByNode', 'seekOffsets', 'getActiveTopicPartitions']],
      [internals.ConsumerGroup.prototype, ['recoverFromFetch', 'checkForStaleAssignment', 'seek']],
      [internals.OffsetManager.prototype, ['nextOffset', 'committedOffsets', 'commitOffsets', 'getCoordinator']],
    ];
    for (const [prototype, methods] of wanted)
      expect(Object.getOwnPropertyNames(prototype)).toEqual(expect.arrayContaining(methods));
  });
});
