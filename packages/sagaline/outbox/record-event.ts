/**
 * How a service records what happened: the event goes into the outbox in the transaction of the business row, so both are there
 * or neither is, and the relay brings it to Kafka. Nothing else is needed; a service knows no producer.
 */
import type { Prisma } from '../prisma/generated/client.ts';
import { businessKeyOf, type EventValue, type PayloadOf } from '../contracts/event.ts';
import { appendEvent, appendEventSql, type OutboxEntry } from './append-event.ts';
import { checkPayload } from './check-payload.ts';
import { EventIdReused, InvalidEvent } from './failures.ts';
import { queryIn, type AnyTransaction } from './transaction.ts';

/** What is said of a fact beside its payload. */
export interface RecordOptions {
  /**
   * Tells this fact from every other, and is the same at every attempt. Without one, it is `<type>/<business key>`: right for what
   * happens once to its subject, such as `order.created`; of what happens again and again, the second is an EventIdReused.
   */
  readonly eventId?: string | undefined;
  /** W3C trace context of the request that made it happen. */
  readonly traceparent?: string | undefined;
  /** The workflow whose work it is. */
  readonly workflowId?: string | undefined;
}

/** What became of a fact. */
export interface RecordedFact {
  /** Under which it is known for ever. */
  readonly eventId: string;
  /** False when it was recorded before. */
  readonly fresh: boolean;
}

/** The event id of a fact that its business key tells from all others of its type. */
export function factIdOf<E extends EventValue>(event: E, payload: PayloadOf<E>): string {
  return `${event.type}/${businessKeyOf(event, payload)}`;
}

/**
 * Records an event in the caller's transaction, be it Prisma's or pg's. Recorded again with the same content, it changes nothing.
 *
 * @throws InvalidEvent naming the path; EventIdReused when the id has another content: either undoes the transaction
 * @example
 * // orders.ts
 * import { type Database, recordEvent } from 'sagaline';
 * import { events } from './events.ts';
 *
 * export async function orderCard(database: Database, cardId: string): Promise<void> {
 *   await database.$transaction(async (tx) => {
 *     await tx.$executeRaw`INSERT INTO "cards" ("id") VALUES (${cardId})`;
 *     await recordEvent(tx, events['gift-card.ordered'], { cardId, sku: 'ten-euros' });
 *   });
 * }
 */
export async function recordEvent<E extends EventValue>(
  tx: AnyTransaction,
  event: E,
  payload: PayloadOf<E>,
  options: RecordOptions = {},
): Promise<RecordedFact> {
  const entry = entryOf(event, payload, options);
  const { eventId } = entry;
  const fresh = await appendEvent(tx, entry);
  if (!fresh && !(await isStored(tx, entry))) throw new EventIdReused(event.type, eventId);
  return { eventId, fresh };
}

/**
 * The same as a piece of SQL, for a state change that is one statement: both in one round trip. It evaluates to whether the event
 * is fresh; an id that is known with another content is left as it is.
 *
 * @throws InvalidEvent naming the path
 */
export function recordEventSql<E extends EventValue>(
  event: E,
  payload: PayloadOf<E>,
  options: RecordOptions = {},
): Prisma.Sql {
  return appendEventSql(entryOf(event, payload, options));
}

function entryOf<E extends EventValue>(
  event: E,
  payload: PayloadOf<E>,
  { eventId, ...lineage }: RecordOptions,
): OutboxEntry<E> {
  const checked = checkPayload(event, payload);
  if (checked.fault) throw new InvalidEvent(event.type, checked.problems);
  return { event, payload: checked.payload, eventId: eventId ?? factIdOf(event, checked.payload), ...lineage };
}

/** As JSONB, so that the order of fields makes no difference. */
async function isStored(tx: AnyTransaction, { eventId, event: { type }, payload }: OutboxEntry): Promise<boolean> {
  const [row] = await queryIn<{ same: boolean }>(
    tx,
    `SELECT "type" = $1::text AND "payload" = $2::jsonb AS "same" FROM "sagaline_engine"."outbox"
     WHERE "event_id" = $3::text`,
    [type, JSON.stringify(payload), eventId],
  );
  return row?.same ?? false;
}
