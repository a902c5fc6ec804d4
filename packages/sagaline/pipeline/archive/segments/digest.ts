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
      hash.update(textOf(row));
    },
    value: (): string => `${rows}:${hash.digest('hex')}`,
  };
}

/** A list, and bytes as text: a replacer, or a buffer's own JSON, would cost more than the hash. */
function textOf({ rawKey, rawValue, ...row }: ArchivedRow): string {
  return JSON.stringify([
    ...[row.recordTime, row.topic, row.partition, row.offset, row.type, row.key, rawKey?.toString('base64')],
    ...[row.eventId, row.eventTime, row.traceparent, row.payload, rawValue?.toString('base64')],
    ...[row.headers, row.fault, row.faultPath, row.faultMessage],
  ]);
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
