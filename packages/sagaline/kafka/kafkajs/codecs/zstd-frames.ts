import { corrupt } from './decode-failure.ts';

export interface ZstdFrame {
  /** Where it begins and ends in the buffer. */
  readonly start: number;
  readonly end: number;
  /** Size after decompression, where the frame tells it. */
  readonly contentBytes: number | undefined;
  /** Memory that a reader must keep of what was read. */
  readonly windowBytes: number;
  readonly blocks: number;
}

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_HEADER_BYTES = 3;
const RUN_LENGTH_BLOCK = 1;

/**
 * Walks the frames and their blocks by their headers, without decompressing (RFC 8878, 3.1.1): what a frame will cost is known
 * before it costs. Skippable frames are left out.
 *
 * @throws DecodeFailure, RangeError where the buffer ends too early
 */
export function* framesOf(buffer: Buffer): Generator<ZstdFrame> {
  for (let start = 0; start < buffer.length;) {
    const magic = buffer.readUInt32LE(start);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      start += 8 + buffer.readUInt32LE(start + 4);
      continue;
    }
    if (magic !== FRAME_MAGIC) throw corrupt('a zstd batch has no frame where one must be');
    const frame = frameAt(buffer, start);
    yield frame;
    start = frame.end;
  }
}

function frameAt(buffer: Buffer, start: number): ZstdFrame {
  const descriptor = buffer.readUInt8(start + 4);
  const isSingle = (descriptor & 0x20) !== 0;
  const windowAt = start + 5;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeAt = windowAt + (isSingle ? 0 : 1) + dictionaryBytes;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const contentBytes = contentSize(buffer, sizeAt, sizeBytes);
  const windowBytes = isSingle ? (contentBytes ?? 0) : windowSize(buffer.readUInt8(windowAt));

  let at = sizeAt + sizeBytes;
  let blocks = 0;
  for (let isLast = false; !isLast; blocks++) {
    const header = buffer.readUIntLE(at, BLOCK_HEADER_BYTES);
    isLast = (header & 1) === 1;
    const type = (header >> 1) & 3;
    at += BLOCK_HEADER_BYTES + (type === RUN_LENGTH_BLOCK ? 1 : header >> 3);
  }
  const end = at + (descriptor & 0x04 ? 4 : 0);
  if (end > buffer.length) throw corrupt('a zstd batch is cut off');
  return { start, end, contentBytes, windowBytes, blocks };
}

function contentSize(buffer: Buffer, at: number, bytes: number): number | undefined {
  switch (bytes) {
    case 0:
      return undefined;
    case 2:
      return buffer.readUInt16LE(at) + 256;
    case 8:
      return Number(buffer.readBigUInt64LE(at));
    default:
      return buffer.readUIntLE(at, bytes);
  }
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
