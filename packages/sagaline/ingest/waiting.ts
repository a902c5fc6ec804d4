/** Rows of the inbox as what they were before: records, and events on their way to a saga. */
import type { EventValue, PayloadOf } from '../contracts/event.ts';
import { InvalidRecord } from '../events/invalid-record.ts';
import type { DeadLetter } from '../dead-letter/letter.ts';
import type { ConsumedRecord } from '../kafka/port.ts';
import type { Route, Routes } from '../dispatch/dispatch.ts';
import type { StartingEvent } from './start-arrival.ts';
import type { GivenUp } from './give-up.ts';
import type { WaitingRow } from './sql/find-waiting.ts';
import type { ExpiredRow } from './sql/take-expired.ts';

/** The inbox kept the parsed payload, not the bytes: the record has the event as plain JSON. */
export function recordOfRow(row: Omit<ExpiredRow, 'eventId'>): ConsumedRecord {
  const { topic, partition, offset, topicLife, key, payload, traceparent, receivedAt } = row;
  return {
    ...{ topic, partition, offset: String(offset), ...(topicLife > 1 ? { topicLife } : {}) },
    key: key === null ? null : Buffer.from(key),
    value: payload === null ? null : Buffer.from(JSON.stringify(payload)),
    headers: traceparent === null ? {} : { traceparent },
    timestamp: receivedAt.getTime(),
  };
}

export function expiredLetterOf(row: ExpiredRow): DeadLetter {
  const error = new InvalidRecord('saga-not-found', '', 'no saga came for this event within the window');
  return { record: recordOfRow(row), error };
}

/** The event of a row with the saga that it is on its way to; none where that saga is not deployed here any more. */
export function givenUpOf(row: WaitingRow, routes: Routes): GivenUp[] {
  const { eventId, type, sagaName, workflowId } = row;
  const route = routeOf(row, routes);
  return route ? [{ eventId, type, sagaName, workflowId, starts: route.kind === 'start' }] : [];
}

/** The event of a row that starts its saga. */
export function startingEventOf(row: WaitingRow, route: Route): StartingEvent {
  const { eventId, type, topic, partition, topicLife, key, sagaId, workflowId, traceparent } = row;
  const event = {
    ...{ eventId, type, key: key ?? sagaId, payload: row.payload as PayloadOf<EventValue> },
    position: { topic, partition, offset: String(row.offset), ...(topicLife > 1 ? { topicLife } : {}) },
    traceparent: traceparent ?? undefined,
  };
  return { event, target: { route, sagaId, workflowId } };
}

/** What the event of a row means to its saga. */
export function routeOf({ sagaName, type }: Pick<WaitingRow, 'sagaName' | 'type'>, routes: Routes): Route | undefined {
  const saga = routes.sagas.find(({ name }) => name === sagaName);
  if (saga?.on === type) return { kind: 'start', saga };
  return routes.followUpOf(sagaName, type);
}
