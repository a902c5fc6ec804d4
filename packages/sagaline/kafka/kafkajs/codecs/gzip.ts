import { gunzip, gzip } from 'node:zlib';
import { corrupt, expandsTooFar } from './decode-failure.ts';

/** @throws DecodeFailure; at `maxBytes` it stops, with no more than that in memory */
export function readGzip(buffer: Buffer, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(buffer, { maxOutputLength: maxBytes, chunkSize: 64 * 1024 }, (error, plain) => {
      if (!error) return resolve(plain);
      const tooFar = 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      reject(tooFar ? expandsTooFar('gzip', maxBytes) : corrupt('a gzip batch does not decompress', error));
    });
  });
}

export function writeGzip(buffer: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gzip(buffer, (error, packed) => (error ? reject(error) : resolve(packed)));
  });
}
