/** Zstandard frames, written by hand (RFC 8878): there is no compressor for Node 20, and a test needs odd ones anyway. */

interface FrameOptions {
  readonly withSize?: boolean;
  readonly blockBytes?: number;
  readonly windowLog?: number;
}

const MAX_BLOCK = 128 * 1024;
const [RAW, RUN_LENGTH] = [0, 1];

/** A frame whose blocks are not compressed. */
export function storedZstd(plain: Buffer, options: FrameOptions = {}): Buffer {
  const { blockBytes = MAX_BLOCK } = options;
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < plain.length; at += blockBytes) {
    const part = plain.subarray(at, at + blockBytes);
    blocks.push(blockHeader(RAW, part.length, at + blockBytes >= plain.length), part);
  }
  return Buffer.concat([frameHeader(plain.length, options), ...blocks]);
}

/** A frame of so many zeros: four bytes for each 128 KiB. */
export function repeatingZstd(bytes: number, options: FrameOptions): Buffer {
  const blocks: Buffer[] = [];
  for (let left = bytes; left > 0; left -= MAX_BLOCK) {
    blocks.push(blockHeader(RUN_LENGTH, Math.min(left, MAX_BLOCK), left <= MAX_BLOCK), Buffer.from([0]));
  }
  return Buffer.concat([frameHeader(bytes, options), ...blocks]);
}

function frameHeader(bytes: number, { withSize = true, windowLog = 20 }: FrameOptions): Buffer {
  const magic = Buffer.from('28b52ffd', 'hex');
  if (!withSize) return Buffer.concat([magic, Buffer.from([0x00, (windowLog - 10) << 3])]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes);
  // Four bytes of size, and no window of its own.
  return Buffer.concat([magic, Buffer.from([0xa0]), size]);
}

function blockHeader(type: number, size: number, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1) | (isLast ? 1 : 0), 0, 3);
  return header;
}
