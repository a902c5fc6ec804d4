import { logEvents } from '../../../../workflows/events/service-log.ts';
import { count, duration } from '../../../config/fields.ts';
import { defineSearchLines } from '../define-search-kind.ts';
import { fieldsOf, type Description } from '../document.ts';
import type { ValidEventOf } from '../../runtime/recorded-event.ts';

/** More of a line's attributes than this are neither shown nor searched. */
const MAX_ATTRIBUTES = 50;

export const searchedLogs = defineSearchLines('log', {
  plural: 'log lines',
  event: logEvents['service.log'],
  env: {
    SEARCH_LOG_RETENTION: duration('1 minute', '3650 days').prefault('7 days'),
    SEARCH_LOG_MAX: count(1, 1_000_000_000).default(5_000_000),
  },
  bounds: (env) => ({ retentionMs: env.SEARCH_LOG_RETENTION, max: env.SEARCH_LOG_MAX }),
  describe: describeLog,
});

function describeLog({ payload, time }: ValidEventOf<(typeof logEvents)['service.log']>): Description {
  const { service, level, message, traceId, attributes = {} } = payload;
  const kept = Object.entries(attributes).slice(0, MAX_ATTRIBUTES);
  return {
    ...{ time, state: level },
    title: `${service} ${level}`,
    text: [message, ...kept.map(([name, value]) => `${name}=${String(value)}`)].join(' · '),
    fields: fieldsOf({ service, level, traceId, ...(kept.length > 0 && { attributes: Object.fromEntries(kept) }) }),
    identifiers: traceId === undefined ? [] : [traceId],
    names: [],
  };
}
