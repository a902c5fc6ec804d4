/** Bounds that schemas and kernel share; without zod, so that the kernel may use them. */

/** Longest reason, in characters, that outcomes take. */
export const MAX_REASON = 200;

/**
 * The instants that there are, ms since the epoch: the years 1 to 9999 in UTC, which every calendar, database and file format has.
 * RFC 3339 writes four digits for a year, and a zone may carry what it writes across either end.
 */
export const FIRST_INSTANT_MS = Date.parse('0001-01-01T00:00:00.000Z');
/** The last of them. */
export const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Longest id of a request to cancel, in characters: it becomes part of an event id. */
export const MAX_REQUEST_ID = 255;
