/** What a time from outside may be, decided in one place: an RFC 3339 time stamp, or a Kafka record's own. */
import { FIRST_INSTANT_MS, LAST_INSTANT_MS } from '../contracts/limits.ts';
import { Timestamp } from '../contracts/primitives.ts';

export { FIRST_INSTANT_MS, LAST_INSTANT_MS };

/** @param ms since the epoch; NaN and infinities are no instants, nor is what no calendar has */
export function isInstant(ms: number): boolean {
  return ms >= FIRST_INSTANT_MS && ms <= LAST_INSTANT_MS;
}

/**
 * A Kafka record's time, in whole ms since the epoch. Producers may set any 64 bits for it: what no calendar has is read as the
 * epoch, so that the record is not refused for it, and every reader says the same.
 */
export function recordTimeMs(timestamp: number): number {
  return isInstant(timestamp) ? Math.trunc(timestamp) : 0;
}

/** Ms since the epoch of an RFC 3339 time stamp; undefined when it is none, or none that is an instant. */
export function parseInstant(text: string): number | undefined {
  return Timestamp.safeParse(text).success ? Date.parse(text) : undefined;
}

/** Reads an RFC 3339 time stamp into a Date. */
export const Instant = Timestamp.transform((text) => new Date(text));
