/** W3C Trace Context, version 00 and, as it asks, later ones by their first four fields. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;
const LENGTH = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'.length;

/** The flags that version 00 defines: sampled, and random trace id. */
const KNOWN_FLAGS = 0b11;

/**
 * The trace context if it is one, else undefined: a broken trace is no reason to refuse an event. Of a later version that is what
 * we understood of it, in the form of version 00: a version 01 with the fields of 00 is one that nobody defines.
 */
export function validTraceparent(text: string | undefined): string | undefined {
  if (text === undefined || !TRACEPARENT.test(text)) return undefined;
  if (text.startsWith('00-')) return text.length === LENGTH ? text : undefined;
  const flags = parseInt(text.slice(LENGTH - 2, LENGTH), 16) & KNOWN_FLAGS;
  return `00${text.slice(2, LENGTH - 2)}${flags.toString(16).padStart(2, '0')}`;
}
