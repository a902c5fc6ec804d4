import type { EventValue } from '../contracts/event.ts';
import type { SagaRegistration } from '../kernel/definition.ts';
import { InvalidEvent } from './problems.ts';

/** The payload that the event's schema lets through, as ingest hands it to a saga. @throws InvalidEvent saying where it is wrong */
export function validated({ type, schema }: EventValue, data: unknown, what: string): unknown {
  const { success, data: payload, error } = schema.safeParse(data);
  if (success) return payload;
  const lines = error.issues.map(
    ({ path, message }) => `  - ${path.map(String).join('.') || 'the payload'}: ${message}`,
  );
  throw new InvalidEvent(`${type} does not take ${what}:\n${lines.join('\n')}`);
}

/** What starts a saga, by name. */
export function startOf({ name, on, events }: SagaRegistration): EventValue {
  const start = events.find(({ type }) => type === on);
  if (!start) throw new Error(`${name} does not carry its event ${on}`);
  return start;
}
