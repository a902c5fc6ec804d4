import { InvalidRecord } from './invalid-record.ts';
import type { RecordHeaders } from '../kafka/port.ts';
import { decodeUtf8 } from './utf8.ts';

/** Longest header value that is read or passed on, in bytes. */
const MAX_VALUE_BYTES = 1024;

/**
 * `<topic>/<partition>/<offset>` of the record that was produced once more: where its id is its place, that is the place it had
 * first. Believed only with its seal (replay/replay-seal.ts).
 */
export const REPLAY_OF = 'sagaline-replay-of';
export const REPLAY_SEAL = 'sagaline-replay-seal';

/**
 * The headers that mean something to us, and no others: what is not listed is neither read nor passed on, so it can
 * carry neither an attack nor personal data any further. ce_subject is left out for the latter.
 */
const ALLOWED = new Set([
  'content-type',
  'schemaversion',
  'traceparent',
  'tracestate',
  'ce_specversion',
  'ce_type',
  'ce_source',
  'ce_id',
  'ce_time',
  'ce_datacontenttype',
  'ce_dataschema',
  'ce_schemaversion',
  'ce_traceparent',
  'ce_tracestate',
  REPLAY_OF,
  REPLAY_SEAL,
]);

export type AllowedHeaders = ReadonlyMap<string, readonly Buffer[]>;

/** The allowed headers by lower-case name, with every value that came for it, byte for byte. */
export function allowedHeaders(headers: RecordHeaders): AllowedHeaders {
  const allowed = new Map<string, Buffer[]>();
  // Done for every record: nothing is made here that is not kept.
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase();
    if (!ALLOWED.has(lower)) continue;
    const values = valuesOf(headers[name]).map(bytesOf);
    if (values.length === 0) continue;
    const known = allowed.get(lower);
    if (known) known.push(...values);
    else allowed.set(lower, values);
  }
  return allowed;
}

/** What came under a name; a null value is a header without one, which is read as none. */
export function valuesOf(value: RecordHeaders[string]): (Buffer | string)[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && one !== null);
}

const bytesOf = (value: Buffer | string): Buffer => (typeof value === 'string' ? Buffer.from(value) : value);

/**
 * A header's text, or undefined where it did not come.
 *
 * @throws InvalidRecord duplicate-header; invalid-header when it is too long, not UTF-8, or has control characters
 */
export function headerText(headers: AllowedHeaders, name: string): string | undefined {
  const values = headers.get(name);
  if (!values || values[0] === undefined) return undefined;
  if (values.length > 1) throw new InvalidRecord('duplicate-header', name, 'came more than once');
  const text = safeText(values[0]);
  if (text === undefined) {
    throw new InvalidRecord(
      'invalid-header',
      name,
      `must be UTF-8 without control characters, up to ${MAX_VALUE_BYTES} bytes`,
    );
  }
  return text;
}

/** The text of bytes that may stand in a header; undefined for too many, for no UTF-8, and for CR, LF, NUL and the like. */
export function safeText(bytes: Buffer): string | undefined {
  if (bytes.length > MAX_VALUE_BYTES) return undefined;
  const text = decodeUtf8(bytes);
  return text === undefined || /\p{Cc}/u.test(text) ? undefined : text;
}
