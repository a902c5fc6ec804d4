/**
 * Text that PostgreSQL, JSON and Kafka's consumers all take. PostgreSQL refuses U+0000 (SQLSTATE 22P05) and surrogates that
 * stand alone (22P02) in text and jsonb, for ever: such a text, once inside, would be taken for an outage that never ends.
 */

/** With the `u` flag, `\p{Surrogate}` matches only surrogates that are no half of a pair. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const ALL_UNSTORABLE = new RegExp(UNSTORABLE, 'gu');
const REPLACEMENT = '\uFFFD';

/** Whether every store takes `text` as it is: no U+0000, no lone surrogate. */
export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** `text` with U+FFFD for what no store takes, and cut between code points to at most `max` UTF-16 units. */
export function storableText(text: string, max: number): string {
  return cut(text, max).replace(ALL_UNSTORABLE, REPLACEMENT);
}

/**
 * A copy of JSON-like data whose strings, keys included, are storable; nothing is cut. What is no plain object, array or string
 * is left as it is, for the converter to deal with.
 */
export function storable<T>(value: T): T;
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value, value.length);
  if (Array.isArray(value)) return value.map((one: unknown) => storable(one));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [storable(key), storable(one)]));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  // A code point above U+FFFF has two units: one that begins at the last place does not fit.
  const splits = max > 0 && (text.codePointAt(max - 1) ?? 0) > 0xffff;
  return text.slice(0, splits ? max - 1 : max);
}
