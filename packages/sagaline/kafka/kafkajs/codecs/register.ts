/** Codecs of kafkajs's table: it knows three of them by number only, and none with a bound. */
import kafkajs from 'kafkajs';
import { compressFrame } from 'lz4-napi';
import { compress as compressSnappy } from 'snappyjs';
import { readGzip, writeGzip } from './gzip.ts';
import { readLz4 } from './lz4.ts';
import { readSnappy } from './snappy.ts';
import { readZstd } from './zstd.ts';

interface Encoder {
  readonly buffer: Buffer;
}
interface Codec {
  compress(encoder: Encoder): Promise<Buffer>;
  /** @throws DecodeFailure */
  decompress(buffer: Buffer): Promise<Buffer>;
}

/**
 * What one batch may expand to. Clients fill batches of a megabyte, a few at most, and compress them; above this it is a bomb, or
 * records that nothing here could take.
 */
export const MAX_BATCH_BYTES = 64 * 1024 * 1024;

const codecs: Readonly<Record<'GZIP' | 'Snappy' | 'LZ4' | 'ZSTD', Codec>> = {
  GZIP: {
    compress: ({ buffer }) => writeGzip(buffer),
    decompress: (buffer) => readGzip(buffer, MAX_BATCH_BYTES),
  },
  Snappy: {
    compress: ({ buffer }) => Promise.resolve(Buffer.from(compressSnappy(buffer))),
    decompress: (buffer) => settle(() => readSnappy(buffer, MAX_BATCH_BYTES)),
  },
  LZ4: {
    compress: ({ buffer }) => compressFrame(buffer),
    decompress: (buffer) => readLz4(buffer, MAX_BATCH_BYTES),
  },
  ZSTD: {
    compress: () => Promise.reject(new Error('Sagaline reads zstd and does not write it')),
    decompress: (buffer) => settle(() => readZstd(buffer, MAX_BATCH_BYTES)),
  },
};

const settle = (read: () => Buffer): Promise<Buffer> => Promise.resolve().then(read);

/** Registers the codecs; kafkajs keeps them in a table of the process, so that once is enough and twice does no harm. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  for (const [name, codec] of Object.entries(codecs)) {
    CompressionCodecs[CompressionTypes[name as keyof typeof codecs]] = () => codec;
  }
}
