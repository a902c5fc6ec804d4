/** Codecs that kafkajs knows by number only. Producers choose them per batch, so a consumer must read all four. */
import kafkajs from 'kafkajs';
import { decompress as decompressZstd } from 'fzstd';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress as compressSnappy, uncompress as uncompressSnappy } from 'snappyjs';

interface Encoder {
  readonly buffer: Buffer;
}
interface Codec {
  compress(encoder: Encoder): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/** A batch may declare any size; above this it is a bomb or a mistake, and is refused before memory is taken. */
const MAX_UNCOMPRESSED_BYTES = 256 * 1024 * 1024;

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/**
 * Reads both forms of Snappy that producers send: one raw block (librdkafka), and the framing of the Java client's library: a
 * header of 16 bytes, then blocks, each after its length (https://github.com/xerial/snappy-java, SnappyOutputStream).
 */
export function readSnappy(buffer: Buffer): Buffer {
  if (!buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return snappyBlock(buffer, MAX_UNCOMPRESSED_BYTES);
  const blocks: Buffer[] = [];
  let left = MAX_UNCOMPRESSED_BYTES;
  for (let at = XERIAL_HEADER_BYTES; at < buffer.length;) {
    const end = at + 4 + buffer.readUInt32BE(at);
    const block = snappyBlock(buffer.subarray(at + 4, end), left);
    blocks.push(block);
    left -= block.length;
    at = end;
  }
  return Buffer.concat(blocks);
}

const snappyBlock = (block: Buffer, maxBytes: number) => Buffer.from(uncompressSnappy(block, maxBytes));

const codecs: Readonly<Record<'Snappy' | 'LZ4' | 'ZSTD', Codec>> = {
  Snappy: {
    compress: ({ buffer }) => Promise.resolve(Buffer.from(compressSnappy(buffer))),
    decompress: (buffer) => Promise.resolve(readSnappy(buffer)),
  },
  LZ4: {
    compress: ({ buffer }) => compressFrame(buffer),
    decompress: (buffer) => decompressFrame(buffer),
  },
  ZSTD: {
    compress: () => Promise.reject(new Error('Sagaline reads zstd and does not write it')),
    decompress: (buffer) => Promise.resolve(Buffer.from(decompressZstd(buffer))),
  },
};

/** Registers the codecs; kafkajs keeps them in a table of the process, so that once is enough and twice does no harm. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  for (const [name, codec] of Object.entries(codecs)) {
    CompressionCodecs[CompressionTypes[name as keyof typeof codecs]] = () => codec;
  }
}
