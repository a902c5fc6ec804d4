import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { createPartitioner, murmur2, partitionOf } from '../../../packages/sagaline/kafka/kafkajs/partitioner.ts';

/** From Apache Kafka's own test (UtilsTest.testMurmur2). */
const VECTORS = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
] as const;

const leaders = (count: number) =>
  Array.from({ length: count }, (_, partitionId) => {
    return { partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] };
  });
const message = (part: { key?: Buffer | string | null; partition?: number }) => ({ value: 'v', ...part });

describe('the hash of a key', () => {
  test.each(VECTORS)('of %s is what the Java client says', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  test('of bytes that are no text, too', () => {
    expect(murmur2(Buffer.from('abc'))).toBe(479470107);
    expect(murmur2(Buffer.alloc(0))).toBe(275646681);
  });

  test('chooses the partitions that kafkajs chose', () => {
    const theirs = Partitioners.DefaultPartitioner();
    const keys = fc.uint8Array({ maxLength: 70 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 100 }), (key, count) => {
        const partitionMetadata = leaders(count);
        expect(partitionOf(key, count)).toBe(theirs({ topic: 't', partitionMetadata, message: message({ key }) }));
      }),
      { numRuns: 1_000 },
    );
  });

  test('of ten megabytes takes less than a second', () => {
    const began = performance.now();
    murmur2(Buffer.alloc(10_000_000, 'key'));
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('a record goes', () => {
  const choose = createPartitioner();
  const partitionMetadata = leaders(4);

  test('where it says, counted round where there are fewer partitions', () => {
    const at = (partition: number) =>
      choose({ topic: 't', partitionMetadata, message: message({ key: 'k', partition }) });
    expect([at(0), at(3), at(4), at(11)]).toEqual([0, 3, 0, 3]);
  });

  test('by its key, an empty one too', () => {
    const empty = choose({ topic: 't', partitionMetadata, message: message({ key: '' }) });
    expect(empty).toBe(partitionOf('', 4));
    expect(choose({ topic: 't', partitionMetadata, message: message({ key: Buffer.alloc(0) }) })).toBe(empty);
  });

  test('in turn without one, to partitions that have a leader', () => {
    const some = partitionMetadata.map((one) => ({ ...one, leader: one.partitionId === 2 ? -1 : 1 }));
    const chosen = Array.from({ length: 300 }, () =>
      choose({ topic: 't', partitionMetadata: some, message: message({ key: null }) }),
    );
    expect([0, 1, 2, 3].map((one) => chosen.filter((partition) => partition === one).length)).toEqual([
      100, 100, 0, 100,
    ]);
  });
});
