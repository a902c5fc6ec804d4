import { checkPayload } from '../outbox/check-payload.ts';
import type { EventValue, PayloadOf } from '../contracts/event.ts';
import { refuseForeignEnvelope } from './foreign-formats.ts';
import { InvalidRecord } from './invalid-record.ts';

/**
 * Validates a payload against the schema of its event; unknown fields are dropped. Kafka and HTTP use the same.
 *
 * @throws InvalidRecord invalid-payload with its problems, unsupported-characters, unsupported-format
 */
export function parsePayload<E extends EventValue>(event: E, value: unknown): PayloadOf<E> {
  const checked = checkPayload(event, value);
  if (!checked.fault) return checked.payload;
  refuseForeignEnvelope(value);
  const [{ path, message }] = checked.problems;
  const reason = checked.fault === 'schema' ? 'invalid-payload' : 'unsupported-characters';
  throw new InvalidRecord(reason, path, message, checked.problems);
}
