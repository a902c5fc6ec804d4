import { logLevel, type LogEntry, type logCreator } from 'kafkajs';
import type { Logger } from '../../ground/logger.ts';

/** What kafkajs prints as an error or a warning although it is the normal life of a group that starts, or our own decision. */
const NOISE =
  /coordinator is (not available|not aware|loading)|group is rebalancing|rebalance in progress|member id|not the (correct )?(coordinator|leader)|Limiting retries|no leader for this topic/i;

/** Fields that tell of places, never of content. */
const FIELDS = ['groupId', 'memberId', 'topic', 'partition', 'broker', 'clientId', 'retryCount', 'retryTime'] as const;

/** Say the same at every attempt of every connection while a broker is away. */
const CHATTERING = new Set(['Connection', 'BrokerPool', 'RequestQueue']);

/**
 * Level under which a line of kafkajs is written. Its own errors come down to warnings: what they lead to (a failed send, a
 * rebuilt consumer) is reported by the adapter once, with its reason.
 */
export function levelOf(entry: LogEntry): 'debug' | 'warn' {
  if (entry.level !== logLevel.ERROR && entry.level !== logLevel.WARN) return 'debug';
  if (CHATTERING.has(entry.namespace)) return 'debug';
  return NOISE.test(`${entry.log.message} ${String(entry.log['error'] ?? '')}`) ? 'debug' : 'warn';
}

/** Writes kafkajs's lines to our logger. */
export function toKafkaJsLog(logger: Logger): logCreator {
  return () => (entry) => {
    const { log } = entry;
    const fields = Object.fromEntries(FIELDS.flatMap((name) => (log[name] === undefined ? [] : [[name, log[name]]])));
    const error: unknown = log['error'];
    const detail = typeof error === 'string' ? { ...fields, reason: error } : fields;
    logger[levelOf(entry)]({ ...detail, component: `kafka/${entry.namespace}` }, log.message);
  };
}
