import { uncompress } from 'snappyjs';
import { corrupt, DecodeFailure, expandsTooFar } from './decode-failure.ts';

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/**
 * Reads both forms of Snappy that producers send: one raw block (librdkafka), and the framing of the Java client's library: a
 * header of 16 bytes, then blocks, each after its length (https://github.com/xerial/snappy-java, SnappyOutputStream).
 *
 * @throws DecodeFailure; a block declares its size, so that one too large is refused before memory is taken
 */
export function readSnappy(buffer: Buffer, maxBytes: number): Buffer {
  try {
    const isFramed = buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
    return isFramed ? readBlocks(buffer, maxBytes) : readBlock(buffer, maxBytes);
  } catch (error) {
    throw error instanceof DecodeFailure ? error : corrupt('a snappy batch does not decompress', error);
  }
}

function readBlocks(buffer: Buffer, maxBytes: number): Buffer {
  const blocks: Buffer[] = [];
  let left = maxBytes;
  for (let at = XERIAL_HEADER_BYTES; at < buffer.length;) {
    const end = at + 4 + buffer.readUInt32BE(at);
    if (end > buffer.length) throw corrupt('a snappy batch ends in the middle of a block');
    const block = readBlock(buffer.subarray(at + 4, end), left);
    blocks.push(block);
    left -= block.length;
    at = end;
  }
  return Buffer.concat(blocks);
}

function readBlock(block: Buffer, maxBytes: number): Buffer {
  if (declaredBytes(block) > maxBytes) throw expandsTooFar('snappy', maxBytes);
  const plain = uncompress(block, maxBytes);
  return Buffer.from(plain.buffer, plain.byteOffset, plain.length);
}

/** The length before a block: seven bits a byte, the lowest first, five bytes at most. */
function declaredBytes(block: Buffer): number {
  let bytes = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block.readUInt8(at);
    bytes += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return bytes;
  }
  throw corrupt('a snappy block has no length');
}
