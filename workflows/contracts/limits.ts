/** Bounds that schemas and kernel share; without zod, so that the kernel may use them. */

/** Longest reason, in characters, that outcomes take. */
export const MAX_REASON = 200;
