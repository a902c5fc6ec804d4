/** Batches as they lie in the log, written by hand: what no client sends, and what compaction and transactions leave. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRecordSet, type AbortedTransaction } from '../../../packages/sagaline/kafka/kafkajs/wire/record-set.ts';
import type { WireRecord } from '../../../packages/sagaline/kafka/kafkajs/wire/record.ts';
import { DecodeFailure } from '../../../packages/sagaline/kafka/kafkajs/codecs/decode-failure.ts';
import { aBatch, record, type BatchParts } from './batches.ts';

const NOTHING_OLD = () => Promise.reject(new Error('no old format'));
const identity = (_: number, packed: Buffer) => Promise.resolve(packed);

function read(
  batches: readonly Buffer[],
  aborted: readonly AbortedTransaction[] = [],
  deps: Partial<Parameters<typeof readRecordSet>[2]> = {},
): Promise<WireRecord[]> {
  const defaults = { decompress: identity, readOldMessages: NOTHING_OLD, budget: { left: 1_000_000 } };
  return readRecordSet(Buffer.concat(batches), aborted, { ...defaults, ...deps });
}

/** What a consumer would see. */
const visible = (records: readonly WireRecord[]) =>
  records.filter(({ isControlRecord }) => !isControlRecord).map(({ value }) => value?.toString() ?? null);

describe('a batch', () => {
  test('has offsets, times, null values and null headers as they were written', async () => {
    const [first, second] = await read([
      aBatch({
        firstOffset: 40n,
        firstTimestamp: -200_000_000_000_000_000n,
        records: [
          record({
            key: 'k',
            value: 'v',
            headers: [
              ['h', null],
              ['h', 'x'],
            ],
          }),
          record({ offsetDelta: 3, timestampDelta: 9_007_199_254_740_993n, key: null, value: null }),
        ],
      }),
    ]);
    expect(first).toMatchObject({
      offset: '40',
      timestamp: '-200000000000000000',
      headers: { h: [null, Buffer.from('x')] },
    });
    expect(second).toMatchObject({
      offset: '43',
      timestamp: '-190992800745259007',
      key: null,
      value: null,
      headers: {},
    });
  });

  test('that compaction emptied, or cut the end off, is passed all the same', async () => {
    const emptied = aBatch({ firstOffset: 0n, lastOffsetDelta: 9, records: [] });
    const cut = aBatch({ firstOffset: 10n, lastOffsetDelta: 5, records: [record({ value: 'left' })] });
    const records = await read([emptied, cut]);
    expect(records.map(({ offset, isControlRecord }) => [offset, isControlRecord])).toEqual([
      ['9', true],
      ['10', false],
      ['15', true],
    ]);
  });

  test('cut off by the end of the fetch is left for the next one', async () => {
    const [one, two] = [
      aBatch({ records: [record({ value: '1' })] }),
      aBatch({ firstOffset: 1n, records: [record({})] }),
    ];
    for (const length of [0, 1, 11, 12, 17, 60, two.length - 1]) {
      expect(visible(await read([one, two.subarray(0, length)]))).toEqual(['1']);
    }
  });

  test.each([
    ['an unknown codec', { attributes: 7 }, 'unknown-codec'],
    ['more records than it has', { count: 3 }, 'corrupt'],
    ['a record longer than the batch', { records: [Buffer.from([0x7e, 0, 0])] }, 'corrupt'],
    ['a number that never ends', { records: [Buffer.alloc(20, 0xff)] }, 'corrupt'],
  ] as const)('with %s becomes one record that says so, and the next batch is read', async (_, parts, reason) => {
    const decompress = () => Promise.reject(new DecodeFailure('unknown-codec', 'codec 7'));
    const bad = aBatch({ firstOffset: 5n, lastOffsetDelta: 2, records: [record({ value: 'x' })], ...parts });
    const good = aBatch({ firstOffset: 8n, records: [record({ value: 'good' })] });
    const records = await read([bad, good], [], { decompress });
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      offset: '7',
      value: null,
      isControlRecord: false,
      undecodable: { firstOffset: '5', lastOffset: '7', reason, bytes: bad.length },
    });
    expect(records[1]?.value?.toString()).toBe('good');
  });

  test('is opened only while the budget lasts, but the first always is', async () => {
    const packed = [0n, 1n, 2n].map((firstOffset) => {
      return aBatch({ firstOffset, attributes: 1, records: [record({ value: String(firstOffset).repeat(100) })] });
    });
    expect(await read(packed, [], { budget: { left: 1 } })).toHaveLength(1);
    expect(await read(packed, [], { budget: { left: 150 } })).toHaveLength(2);
  });

  test('of any bytes is read or set aside, and nothing is thrown', async () => {
    const whole = aBatch({
      records: [record({ key: 'k', value: 'v', headers: [['a', 'b']] }), record({ offsetDelta: 1 })],
    });
    const flips = fc.array(fc.tuple(fc.integer({ min: 17, max: whole.length - 1 }), fc.nat({ max: 255 })), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const broken = Buffer.from(whole);
        for (const [at, byte] of changes) broken.writeUInt8(byte, at);
        const records = await read([broken]);
        expect(records.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('transactions', () => {
  const transactional = (parts: BatchParts) => aBatch({ attributes: 0x10, ...parts });
  const marker = (firstOffset: bigint, producerId: bigint, isCommit: boolean) =>
    transactional({
      firstOffset,
      producerId,
      attributes: 0x30,
      records: [record({ key: Buffer.from([0, 0, 0, isCommit ? 1 : 0]), value: Buffer.alloc(6) })],
    });

  test('that were aborted are not seen, those beside them are', async () => {
    const records = await read(
      [
        transactional({ firstOffset: 0n, producerId: 7n, records: [record({ value: 'aborted' })] }),
        transactional({ firstOffset: 1n, producerId: 8n, records: [record({ value: 'committed' })] }),
        aBatch({ firstOffset: 2n, records: [record({ value: 'plain' })] }),
        marker(3n, 7n, false),
        transactional({ firstOffset: 4n, producerId: 7n, records: [record({ value: 'later' })] }),
        marker(5n, 7n, true),
      ],
      [{ producerId: '7', firstOffset: 0n }],
    );
    expect(visible(records)).toEqual(['committed', 'plain', 'later']);
    expect(records.at(-1)?.offset).toBe('5');
  });

  test('a key of four zeros is no marker', async () => {
    const zeros = record({ key: Buffer.alloc(4), value: 'aborted, too' });
    const records = await read(
      [
        transactional({
          producerId: 7n,
          lastOffsetDelta: 1,
          records: [zeros, record({ offsetDelta: 1, value: 'and this' })],
        }),
        marker(2n, 7n, false),
      ],
      [{ producerId: '7', firstOffset: 0n }],
    );
    expect(visible(records)).toEqual([]);
  });
});
