import { fields } from 'sagaline';
import { defineSearchLines, type Description, fieldsOf, type ValidEventOf } from 'sagaline/pipeline';
import { logEvents } from '../../../workflows/events/service-log.ts';

/** More of a line's attributes than this are neither shown nor searched. */
const MAX_ATTRIBUTES = 50;

export const searchedLogs = defineSearchLines('log', {
  plural: 'log lines',
  event: logEvents['service.log'],
  env: {
    SEARCH_LOG_RETENTION: fields.duration('1 minute', '3650 days').prefault('7 days'),
    SEARCH_LOG_MAX: fields.count(1, 1_000_000_000).default(5_000_000),
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
