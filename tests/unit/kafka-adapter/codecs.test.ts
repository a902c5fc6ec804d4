import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { compress } from 'snappyjs';
import { describe, expect, test } from 'vitest';
import { DecodeFailure } from '../../../packages/sagaline/kafka/kafkajs/codecs/decode-failure.ts';
import { readGzip } from '../../../packages/sagaline/kafka/kafkajs/codecs/gzip.ts';
import { readLz4 } from '../../../packages/sagaline/kafka/kafkajs/codecs/lz4.ts';
import { readSnappy } from '../../../packages/sagaline/kafka/kafkajs/codecs/snappy.ts';
import { readZstd } from '../../../packages/sagaline/kafka/kafkajs/codecs/zstd.ts';
import { storedZstd, repeatingZstd } from './zstd.ts';

const MEBIBYTE = 1024 * 1024;
const bytes = fc.uint8Array({ minLength: 1, maxLength: 2_000 }).map((array) => Buffer.from(array));

/** As snappy-java's SnappyOutputStream writes it: magic, two version numbers, then blocks after their lengths. */
function framed(blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');
  const body = blocks.map((block) => {
    const packed = Buffer.from(compress(block));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(packed.length);
    return Buffer.concat([length, packed]);
  });
  return Buffer.concat([header, ...body]);
}

describe('snappy', () => {
  test('raw blocks, as librdkafka sends them', () => {
    fc.assert(fc.property(bytes, (data) => readSnappy(Buffer.from(compress(data)), MEBIBYTE).equals(data)));
  });

  test('framed blocks, as the Java client sends them', () => {
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 8 }), (blocks) =>
        readSnappy(framed(blocks), MEBIBYTE).equals(Buffer.concat(blocks)),
      ),
    );
  });

  test('a block that declares a gigabyte is refused before memory is taken', () => {
    const declaresOneGigabyte = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x04, 0x00]);
    expect(() => readSnappy(declaresOneGigabyte, 64 * MEBIBYTE)).toThrow('expands above');
  });
});

/** Reads with each codec what `plain` becomes with it. */
const CODECS = [
  ['gzip', (plain: Buffer) => gzipSync(plain), readGzip],
  ['snappy', (plain: Buffer) => Buffer.from(compress(plain)), readSnappy],
  ['snappy in blocks', (plain: Buffer) => framed([plain.subarray(0, 1_000), plain.subarray(1_000)]), readSnappy],
  ['lz4', (plain: Buffer) => compressFrameSync(plain), readLz4],
  ['lz4 in two frames', (plain: Buffer) => twice(plain, compressFrameSync), readLz4],
  ['zstd', storedZstd, readZstd],
  ['zstd without its size', (plain: Buffer) => storedZstd(plain, { withSize: false }), readZstd],
  ['zstd in two frames', (plain: Buffer) => twice(plain, storedZstd), readZstd],
] as const;

function twice(plain: Buffer, pack: (part: Buffer) => Buffer): Buffer {
  const middle = Math.floor(plain.length / 2);
  return Buffer.concat([pack(plain.subarray(0, middle)), pack(plain.subarray(middle))]);
}

describe.each(CODECS)('%s', (_, pack, read) => {
  test('comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (data) => {
        const plain = Buffer.concat([data, Buffer.alloc(1_500, 'sagaline ')]);
        expect(await read(pack(plain), MEBIBYTE)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  test('takes exactly the limit, and not a byte more', async () => {
    const plain = Buffer.alloc(100_000, 'x');
    expect(await read(pack(plain), plain.length)).toHaveLength(plain.length);
    const refused = Promise.resolve().then(() => read(pack(plain), plain.length - 1));
    await expect(refused).rejects.toMatchObject({ name: 'DecodeFailure', reason: 'expands-too-far' });
  });

  test('whatever bytes come, they are read or refused, in bounded time', async () => {
    const began = performance.now();
    const whole = pack(Buffer.alloc(5_000, 'sagaline'));
    const flips = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length }), flips, async (length, changes) => {
        const broken = Buffer.from(whole);
        for (const [at, byte] of changes) broken.writeUInt8(byte, at);
        const answer = await Promise.resolve()
          .then(() => read(broken.subarray(0, length), MEBIBYTE))
          .catch((error: unknown) => error);
        expect(Buffer.isBuffer(answer) || answer instanceof DecodeFailure).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});

describe('a bomb', () => {
  test('of gzip stops at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(400 * MEBIBYTE));
    const before = process.memoryUsage().arrayBuffers;
    await expect(readGzip(bomb, 4 * MEBIBYTE)).rejects.toMatchObject({ reason: 'expands-too-far' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * MEBIBYTE);
  });

  test('of lz4 is measured before a byte of it is written', async () => {
    const bomb = compressFrameSync(Buffer.alloc(100 * MEBIBYTE));
    const began = performance.now();
    await expect(readLz4(bomb, 4 * MEBIBYTE)).rejects.toMatchObject({ reason: 'expands-too-far' });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('of zstd stops at the limit, whether it tells its size or not', () => {
    const hundred = 100 * MEBIBYTE;
    expect(() => readZstd(repeatingZstd(hundred, { withSize: true }), 4 * MEBIBYTE)).toThrow('expands above');
    expect(() => readZstd(repeatingZstd(hundred, { withSize: false }), 4 * MEBIBYTE)).toThrow('expands above');
  });

  test('of zstd that wants two gigabytes of window is refused before memory is taken', () => {
    const wide = repeatingZstd(1_000, { withSize: false, windowLog: 31 });
    expect(() => readZstd(wide, MEBIBYTE)).toThrow('wants a window');
  });

  test('of zstd that has a million blocks of one byte costs nothing', () => {
    const slow = storedZstd(Buffer.alloc(500_000, 'x'), { withSize: false, blockBytes: 1, windowLog: 23 });
    const began = performance.now();
    expect(() => readZstd(slow, MEBIBYTE)).toThrow('blocks');
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
