import fc from 'fast-check';
import { compress } from 'snappyjs';
import { describe, expect, test } from 'vitest';
import { readSnappy } from '../../../gateways/kafka/kafkajs/codecs.ts';

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

const bytes = fc.uint8Array({ minLength: 1, maxLength: 2_000 }).map((array) => Buffer.from(array));

describe('snappy', () => {
  test('raw blocks, as librdkafka sends them', () => {
    fc.assert(fc.property(bytes, (data) => readSnappy(Buffer.from(compress(data))).equals(data)));
  });

  test('framed blocks, as the Java client sends them', () => {
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 8 }), (blocks) =>
        readSnappy(framed(blocks)).equals(Buffer.concat(blocks)),
      ),
    );
  });

  test('a block that declares a gigabyte is refused before memory is taken', () => {
    const declaresOneGigabyte = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x04, 0x00]);
    expect(() => readSnappy(declaresOneGigabyte)).toThrow();
  });
});
