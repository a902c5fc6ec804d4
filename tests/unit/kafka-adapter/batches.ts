/** Writes record batches of format 2 (https://kafka.apache.org/documentation/#recordbatch). */

export interface BatchParts {
  readonly firstOffset?: bigint;
  readonly lastOffsetDelta?: number;
  readonly attributes?: number;
  readonly firstTimestamp?: bigint;
  readonly producerId?: bigint;
  readonly count?: number;
  readonly records?: readonly Buffer[];
}

export function aBatch(parts: BatchParts): Buffer {
  const { firstOffset = 0n, attributes = 0, firstTimestamp = 0n, producerId = -1n, records = [] } = parts;
  const header = Buffer.alloc(61);
  const body = Buffer.concat(records);
  header.writeBigInt64BE(firstOffset, 0);
  header.writeInt32BE(header.length - 12 + body.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(attributes, 21);
  header.writeInt32BE(parts.lastOffsetDelta ?? Math.max(0, records.length - 1), 23);
  header.writeBigInt64BE(firstTimestamp, 27);
  header.writeBigInt64BE(firstTimestamp, 35);
  header.writeBigInt64BE(producerId, 43);
  header.writeInt16BE(-1, 51);
  header.writeInt32BE(-1, 53);
  header.writeInt32BE(parts.count ?? records.length, 57);
  return Buffer.concat([header, body]);
}

interface RecordParts {
  readonly offsetDelta?: number;
  readonly timestampDelta?: bigint;
  readonly key?: Buffer | string | null;
  readonly value?: Buffer | string | null;
  readonly headers?: readonly (readonly [string, string | null])[];
}

export function record(parts: RecordParts): Buffer {
  const { offsetDelta = 0, timestampDelta = 0n, key = 'k', value = 'v', headers = [] } = parts;
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(timestampDelta),
    varint(BigInt(offsetDelta)),
    sized(key),
    sized(value),
    varint(BigInt(headers.length)),
    ...headers.flatMap(([name, one]) => [sized(name), sized(one)]),
  ]);
  return Buffer.concat([varint(BigInt(body.length)), body]);
}

function sized(part: Buffer | string | null): Buffer {
  if (part === null) return varint(-1n);
  const bytes = Buffer.from(part);
  return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
}

/** Zigzag, then seven bits a byte. */
function varint(value: bigint): Buffer {
  let left = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; left > 0x7fn; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(left)]);
}
