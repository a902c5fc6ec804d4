import { createHash } from 'node:crypto';

/** SHA-256 in hex over the canonical JSON of a parsed payload: equal content gives equal hashes, whatever the order of keys. */
export function payloadHash(payload: unknown): string {
  return createHash('sha256').update(canonicalJson(payload)).digest('hex');
}

/** The two hashes by which a second telling of an event is compared with the first. */
export interface ContentHashes {
  /** Of the payload as its schema read it: fields that it does not know, and the order of keys, make no difference. */
  readonly payloadHash: string;
  /** Of what came, in canonical form: a schema that learns of a field makes no difference. */
  readonly contentHash: string;
}

/** Names the way in which the hash is made, so that another way can follow. */
const CONTENT_VERSION = 'v2';

/**
 * Two tellings are the same where either hash is: fields that no schema knows may differ, and a redelivery stays the same event when
 * the schema has changed meanwhile.
 *
 * @param data what came, parsed as JSON
 * @param payload what its schema made of it
 */
export function contentHashes(data: unknown, payload: unknown): ContentHashes {
  return { payloadHash: payloadHash(payload), contentHash: `${CONTENT_VERSION}:${payloadHash(data)}` };
}

/** JSON with the keys of every object sorted by code unit, as in RFC 8785, and no white space. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
