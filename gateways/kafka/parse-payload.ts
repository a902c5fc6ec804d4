import { z } from 'zod';
import { events, type EventType, type Payload } from '../../workflows/contracts/events.ts';
import { InvalidRecord } from './invalid-record.ts';

/** PostgreSQL stores neither in JSON: U+0000, and halves of surrogate pairs. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/**
 * Validates a payload against the schema of its event type; unknown fields are dropped. Kafka and HTTP use the same.
 *
 * @throws InvalidRecord invalid-payload with every problem, unsupported-characters
 */
export function parsePayload<T extends EventType>(type: T, value: unknown): Payload<T> {
  const parsed = events[type].schema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ path: z.core.toDotPath(path), message }));
    throw new InvalidRecord('invalid-payload', problems[0]?.path ?? '', problems[0]?.message ?? 'is invalid', problems);
  }
  refuseUnstorable(parsed.data, []);
  return parsed.data as Payload<T>;
}

/** Recursion is bounded here by the schema's own depth. */
function refuseUnstorable(value: unknown, path: readonly PropertyKey[]): void {
  if (typeof value === 'string' && UNSTORABLE.test(value)) {
    const message = 'must not contain U+0000 or unpaired surrogates';
    throw new InvalidRecord('unsupported-characters', z.core.toDotPath([...path]), message);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    refuseUnstorable(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}
