import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ArchivedRow } from '../archived-row.ts';

/** Tells whether two sequences of rows are the same, without holding either. */
export function createDigest() {
  const hash = createHash('sha256');
  let rows = 0;
  return {
    add(row: ArchivedRow): void {
      rows += 1;
      hash.update(JSON.stringify(row, bytesAsText));
    },
    value: (): string => `${rows}:${hash.digest('hex')}`,
  };
}

/** A buffer's own JSON is a list of numbers. */
function bytesAsText(this: unknown, name: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[name];
  return Buffer.isBuffer(original) ? original.toString('base64') : value;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
