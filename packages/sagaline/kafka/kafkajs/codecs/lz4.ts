import { decompressFrame } from 'lz4-napi';
import { corrupt, DecodeFailure, expandsTooFar } from './decode-failure.ts';

const FRAME_MAGIC = 0x184d2204;
const IS_PLAIN = 0x80000000;

/**
 * Measures first, then decompresses: the lengths in a frame tell its size without a byte being written. Frame by frame, because the
 * library stops after the first.
 *
 * @throws DecodeFailure
 */
export async function readLz4(buffer: Buffer, maxBytes: number): Promise<Buffer> {
  const frames = measure(buffer, maxBytes);
  try {
    return Buffer.concat(await Promise.all(frames.map((frame) => decompressFrame(frame))));
  } catch (error) {
    throw corrupt('an lz4 batch does not decompress', error);
  }
}

/** The frames, when they expand to `maxBytes` at most; https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
function measure(buffer: Buffer, maxBytes: number): Buffer[] {
  const frames: Buffer[] = [];
  let total = 0;
  try {
    for (let at = 0; at < buffer.length;) {
      const start = at;
      if (buffer.readUInt32LE(at) !== FRAME_MAGIC) throw corrupt('an lz4 batch has no frame where one must be');
      const flags = buffer.readUInt8(at + 4);
      const [blockChecksum, contentChecksum] = [flags & 0x10 ? 4 : 0, flags & 0x04 ? 4 : 0];
      // Magic, flags, block size; then perhaps content size and dictionary; and the header's checksum.
      at += 6 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0) + 1;
      for (let size = buffer.readUInt32LE(at); size !== 0; size = buffer.readUInt32LE(at)) {
        const bytes = size % IS_PLAIN;
        total += size >= IS_PLAIN ? bytes : measureBlock(buffer, at + 4, at + 4 + bytes);
        if (total > maxBytes) throw expandsTooFar('lz4', maxBytes);
        at += 4 + bytes + blockChecksum;
      }
      at += 4 + contentChecksum;
      frames.push(buffer.subarray(start, at));
    }
    return frames;
  } catch (error) {
    throw error instanceof DecodeFailure ? error : corrupt('an lz4 batch is cut off', error);
  }
}

/** Sequences of literals and matches; https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
function measureBlock(buffer: Buffer, from: number, end: number): number {
  let bytes = 0;
  let at = from;
  const longer = (nibble: number): number => {
    let length = nibble;
    for (let more = nibble === 15; more;) {
      const byte = buffer.readUInt8(at++);
      length += byte;
      more = byte === 255;
    }
    return length;
  };
  while (at < end) {
    const token = buffer.readUInt8(at++);
    const literals = longer(token >> 4);
    at += literals;
    bytes += literals;
    if (at >= end) break;
    // After the offset, two bytes, of what is repeated.
    at += 2;
    bytes += longer(token & 15) + 4;
  }
  return bytes;
}
