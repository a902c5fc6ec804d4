/** What a dead letter keeps of its record: all of it, up to a bound for each part; of what is larger its size and digest. */
import { createHash } from 'node:crypto';
import type { ConsumedRecord } from '../kafka/port.ts';
import { allowedHeaders, safeText } from '../events/record-headers.ts';

/** The largest record that our topics take; above it nobody would send it again either. */
export const MAX_KEPT_VALUE_BYTES = 4 * 1024 * 1024;
/** Keys of ours have at most 128 characters. */
export const MAX_KEPT_KEY_BYTES = 16 * 1024;
/** Values of one header; of those that we know none may come twice. */
const MAX_HEADER_VALUES = 10;

/** Something that was left out: how large it was, and what it was for whoever has it still. */
export interface Omitted {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface Kept {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<string, readonly Buffer[]>;
  /** By part: `record` for bytes in which nobody could find records. */
  readonly omitted: Readonly<Partial<Record<'key' | 'value' | 'record', Omitted>>>;
}

export function keptOf({ key, value, headers, undecodable }: ConsumedRecord): Kept {
  const omittedKey = omittedOf(key, MAX_KEPT_KEY_BYTES);
  const omittedValue = omittedOf(value, MAX_KEPT_VALUE_BYTES);
  return {
    key: omittedKey ? null : key,
    value: omittedValue ? null : value,
    headers: headersToKeep(headers),
    omitted: {
      ...(omittedKey && { key: omittedKey }),
      ...(omittedValue && { value: omittedValue }),
      ...(undecodable && { record: { bytes: undecodable.bytes, sha256: undecodable.sha256 } }),
    },
  };
}

function omittedOf(part: Buffer | null, maxBytes: number): Omitted | undefined {
  if (part === null || part.length <= maxBytes) return undefined;
  return { bytes: part.length, sha256: createHash('sha256').update(part).digest('hex') };
}

/** Huge values, and values with control characters, stay behind, however allowed their names are. */
function headersToKeep(headers: ConsumedRecord['headers']): ReadonlyMap<string, readonly Buffer[]> {
  const kept = [...allowedHeaders(headers)]
    .map(([name, values]) => [name, values.slice(0, MAX_HEADER_VALUES)] as const)
    .filter(([, values]) => values.every((one) => safeText(one) !== undefined));
  return new Map(kept);
}
