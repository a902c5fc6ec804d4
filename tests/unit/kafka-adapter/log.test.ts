import { logLevel, type LogEntry } from 'kafkajs';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { levelOf, toKafkaJsLog } from '../../../packages/sagaline/kafka/kafkajs/log.ts';

const entry = (level: logLevel, namespace: string, message: string, fields: object = {}): LogEntry => ({
  level,
  namespace,
  label: 'ERROR',
  log: { timestamp: '2026-11-22T10:00:00.000Z', message, ...fields },
});

describe("kafkajs's log lines", () => {
  test.each([
    ['a starting group', 'ConsumerGroup', 'Failed', { error: 'The group coordinator is not available' }],
    ['a rebalance', 'Runner', 'The group is rebalancing, re-joining', {}],
    ['each attempt to connect', 'Connection', 'Connection error: connect ECONNREFUSED', {}],
    ['retries that we bound on purpose', 'Producer', 'Limiting retries for the idempotent producer may …', {}],
  ])('%s is no news', (_, namespace, message, fields) => {
    expect(levelOf(entry(logLevel.ERROR, namespace, message, fields))).toBe('debug');
  });

  test('what is unusual is a warning', () => {
    expect(levelOf(entry(logLevel.ERROR, 'Consumer', 'Crash: KafkaJSNonRetriableError: cannot decode'))).toBe('warn');
  });

  test('tell places, never content', () => {
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const secret = { messages: [{ value: 'ann@example.com' }], payload: 'ann@example.com' };
    toKafkaJsLog(logger)(logLevel.INFO)(entry(logLevel.WARN, 'Producer', 'odd', { topic: 'order.created', ...secret }));
    expect(lines.join()).toContain('order.created');
    expect(lines.join()).not.toContain('ann@example.com');
  });
});
