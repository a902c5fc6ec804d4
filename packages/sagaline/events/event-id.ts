import { createHash } from 'node:crypto';
import { placeText, type RecordPlace } from './place.ts';

/** Ids become search attributes, which Temporal keeps in 255 characters, and primary keys. */
const MAX_LENGTH = 200;

export interface EventIdentity {
  readonly type: string;
  readonly key: string;
  /** Whether an event of this type starts a saga: then its business key identifies it. */
  readonly startsSaga: boolean;
  /** What the producer says, if it says anything (CloudEvents). */
  readonly source?: string | undefined;
  readonly id?: string | undefined;
  /** Where the record was first. */
  readonly place: RecordPlace;
}

/**
 * The id under which an event is known for ever. The producer's own where it gives one; else the business key of an event
 * that starts a saga; else its place in Kafka, for nothing else tells two user.activity of one user apart.
 */
export function eventIdOf({ type, key, startsSaga, source, id, place }: EventIdentity): string {
  if (source !== undefined && id !== undefined) return producerEventId(source, id);
  if (startsSaga) return startEventId(type, key);
  return `pos:${placeText(place)}`;
}

/**
 * `ce:<source>:<id>`; escaped, so that no two pairs give one id, and hashed when it would be too long. So is a pair that looks like
 * a hash: a source that calls itself "sha256" must not be able to take the id of somebody's long one.
 */
export function producerEventId(source: string, id: string): string {
  const plain = `ce:${escape(source)}:${escape(id)}`;
  if (plain.length <= MAX_LENGTH && !HASHED.test(plain)) return plain;
  return `ce:sha256:${createHash('sha256').update(plain).digest('hex')}`;
}

const HASHED = /^ce:sha256:[0-9a-f]{64}$/;

/** `key:<type>:<business key>`, the id of an event that starts a saga and comes without an id of its own. */
export function startEventId(type: string, key: string): string {
  return `key:${type}:${key}`;
}

/** The colon separates, so it is escaped; so is all that would need it in a URL or a log line. */
function escape(text: string): string {
  return text.replace(/[^A-Za-z0-9._~@/+=-]/gu, (character) => encodeURIComponent(character));
}
