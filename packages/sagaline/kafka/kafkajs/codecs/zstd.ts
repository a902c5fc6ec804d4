import { decompress, Decompress } from 'fzstd';
import { corrupt, DecodeFailure, expandsTooFar } from './decode-failure.ts';
import { framesOf, type ZstdFrame } from './zstd-frames.ts';

/** What every reader of the format should take (RFC 8878, 3.1.1.1.2); compressors' ordinary levels stay below. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;
/** fzstd moves the whole window at every block of a frame that does not tell its size: bytes moved, at most. */
const MAX_MOVED_BYTES = 8 * 1024 ** 3;

/** @throws DecodeFailure */
export function readZstd(buffer: Buffer, maxBytes: number): Buffer {
  const parts: Uint8Array[] = [];
  let left = maxBytes;
  try {
    for (const frame of framesOf(buffer)) {
      const part = readFrame(buffer.subarray(frame.start, frame.end), frame, left, maxBytes);
      parts.push(...part);
      left -= part.reduce((bytes, { length }) => bytes + length, 0);
    }
  } catch (error) {
    throw error instanceof DecodeFailure ? error : corrupt('a zstd batch does not decompress', error);
  }
  return Buffer.concat(parts);
}

function readFrame(bytes: Buffer, frame: ZstdFrame, left: number, maxBytes: number): Uint8Array[] {
  const { contentBytes, windowBytes, blocks } = frame;
  if (contentBytes !== undefined) {
    if (contentBytes > left) throw expandsTooFar('zstd', maxBytes);
    const plain = contentBytes === 0 ? new Uint8Array() : decompress(bytes);
    if (plain.length !== contentBytes) throw corrupt('a zstd frame has another size than it says');
    return [plain];
  }
  if (windowBytes > MAX_WINDOW_BYTES || windowBytes * blocks > MAX_MOVED_BYTES) {
    const message = `a zstd frame of ${blocks} blocks wants a window of ${windowBytes} bytes; ${MAX_WINDOW_BYTES} are given`;
    throw new DecodeFailure('expands-too-far', message);
  }
  return readStream(bytes, left, maxBytes);
}

function readStream(bytes: Buffer, left: number, maxBytes: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let sum = 0;
  const stream = new Decompress((part) => {
    sum += part.length;
    if (sum > left) throw expandsTooFar('zstd', maxBytes);
    parts.push(part.slice());
  });
  stream.push(bytes, true);
  return parts;
}
