import type { logEvents } from '../../../../workflows/events/service-log.ts';
import { fieldsOf, type SearchDocument } from '../document.ts';
import type { ValidEventOf } from '../../runtime/recorded-event.ts';

/** More of a line's attributes than this are neither shown nor searched. */
const MAX_ATTRIBUTES = 50;

/** One log line: never changed, so it has one version. Its id is its place in Kafka. */
export function logDocument({
  payload,
  time,
  record,
  position,
}: ValidEventOf<(typeof logEvents)['service.log']>): SearchDocument {
  const { service, level, message, traceId, attributes = {} } = payload;
  const kept = Object.entries(attributes).slice(0, MAX_ATTRIBUTES);
  return {
    ...{ kind: 'log', id: `${record.topic}/${record.partition}/${position}`, version: 1, state: level },
    time,
    title: `${service} ${level}`,
    text: [message, ...kept.map(([name, value]) => `${name}=${String(value)}`)].join(' · '),
    fields: fieldsOf({ service, level, traceId, ...(kept.length > 0 && { attributes: Object.fromEntries(kept) }) }),
    identifiers: traceId === undefined ? [] : [traceId],
    names: [],
  };
}
