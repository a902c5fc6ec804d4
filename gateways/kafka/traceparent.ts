/** W3C Trace Context, version 00 and, as it asks, later ones by their first four fields. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;
const LENGTH = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'.length;

/** The trace context if it is one, else undefined: a broken trace is no reason to refuse an event. */
export function validTraceparent(text: string | undefined): string | undefined {
  if (text === undefined || !TRACEPARENT.test(text)) return undefined;
  return text.startsWith('00-') && text.length !== LENGTH ? undefined : text.slice(0, LENGTH);
}
