import { createHash } from 'node:crypto';

/** SHA-256 in hex over the canonical JSON of a parsed payload: equal content gives equal hashes, whatever the order of keys. */
export function payloadHash(payload: unknown): string {
  return createHash('sha256').update(canonicalJson(payload)).digest('hex');
}

/** JSON with the keys of every object sorted by code unit, as in RFC 8785, and no white space. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
