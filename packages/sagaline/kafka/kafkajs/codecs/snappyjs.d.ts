declare module 'snappyjs' {
  export function compress(data: Buffer): Uint8Array;
  /** @throws when the block is malformed, or declares more than `maxLength` bytes */
  export function uncompress(data: Buffer, maxLength?: number): Uint8Array;
}
