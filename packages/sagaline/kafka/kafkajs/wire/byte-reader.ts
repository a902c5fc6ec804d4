import { corrupt } from '../codecs/decode-failure.ts';

/**
 * Reads Kafka's primitive types (https://kafka.apache.org/protocol#protocol_types) from a buffer, and never beyond its end:
 * lengths come from outside.
 */
export class ByteReader {
  at = 0;
  readonly buffer: Buffer;
  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  get left(): number {
    return this.buffer.length - this.at;
  }

  int8(): number {
    return this.buffer.readInt8(this.#forward(1));
  }
  int16(): number {
    return this.buffer.readInt16BE(this.#forward(2));
  }
  int32(): number {
    return this.buffer.readInt32BE(this.#forward(4));
  }
  int64(): bigint {
    return this.buffer.readBigInt64BE(this.#forward(8));
  }
  uuid(): string {
    const hex = this.bytes(16).toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  /** A view, not a copy. */
  bytes(length: number): Buffer {
    const start = this.#forward(length);
    return this.buffer.subarray(start, start + length);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.#forward(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw corrupt('a number is longer than Kafka writes it');
  }

  varint(): number {
    const value = this.unsignedVarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A number where it is exact, which is nearly always, because BigInts cost. */
  varlong(): number | bigint {
    let low = 0;
    for (let shift = 0; shift < 49; shift += 7) {
      const byte = this.buffer.readUInt8(this.#forward(1));
      low += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return low % 2 === 0 ? low / 2 : -(low + 1) / 2;
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.buffer.readUInt8(this.#forward(1));
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw corrupt('a number is longer than Kafka writes it');
  }

  /** -1 stands for null. */
  varintBytes(): Buffer | null {
    const length = this.varint();
    return length === -1 ? null : this.bytes(length);
  }

  string(): string {
    return this.bytes(this.int16()).toString('utf8');
  }
  compactString(): string | null {
    const length = this.unsignedVarint() - 1;
    return length < 0 ? null : this.bytes(length).toString('utf8');
  }

  /** -1, or 0 in compact form, stands for null, which is read as empty. */
  array<T>(isCompact: boolean, read: () => T): T[] {
    const length = isCompact ? this.unsignedVarint() - 1 : this.int32();
    // No element is smaller than a byte.
    if (length > this.left) throw corrupt('a list is longer than what is left');
    const list: T[] = [];
    for (let n = 0; n < length; n++) list.push(read());
    return list;
  }

  /** Tagged fields of flexible versions, none of which matter here. */
  skipTags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.bytes(this.unsignedVarint());
    }
  }

  #forward(bytes: number): number {
    const start = this.at;
    if (bytes < 0 || start + bytes > this.buffer.length) throw corrupt('bytes are missing at the end');
    this.at = start + bytes;
    return start;
  }
}
