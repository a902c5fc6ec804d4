import { expect, test } from 'vitest';
import { InvalidConfiguration, readConfig } from '../../../gateways/config.ts';

test('times of behaviour and logs are read as durations, and have defaults', () => {
  const { behaviour, logs } = readConfig({}).pipeline;
  expect(behaviour).toEqual({ sessionGapMs: 30 * 60_000 });
  expect(logs).toEqual({ retentionMs: 7 * 86_400_000, burst: { threshold: 50, windowMs: 60_000 } });
  const own = readConfig({
    ...{ BEHAVIOUR_SESSION_GAP: '90s', LOGS_RETENTION: '30 days' },
    ...{ LOGS_BURST_THRESHOLD: '7', LOGS_BURST_WINDOW: '5000' },
  }).pipeline;
  expect(own.behaviour).toEqual({ sessionGapMs: 90_000 });
  expect(own.logs).toEqual({ retentionMs: 30 * 86_400_000, burst: { threshold: 7, windowMs: 5_000 } });
});

test('where mail for the operators goes is a mail address, or nothing', () => {
  expect(readConfig({}).notification.operatorsEmail).toBeUndefined();
  expect(readConfig({ ALERT_EMAIL: 'ops@sagaline.example' }).notification.operatorsEmail).toBe('ops@sagaline.example');
});

test.each([
  { BEHAVIOUR_SESSION_GAP: '1 fortnight' },
  { BEHAVIOUR_SESSION_GAP: '0' },
  { LOGS_RETENTION: '1 hour' },
  { LOGS_BURST_WINDOW: '2 days' },
  { LOGS_BURST_THRESHOLD: '0' },
  { PIPELINE_SET_ASIDE_LIMIT: '0' },
  { ALERT_EMAIL: 'nobody' },
])('%o is refused, by name', (environment) => {
  const [name = ''] = Object.keys(environment);
  expect(() => readConfig(environment)).toThrow(InvalidConfiguration);
  expect(() => readConfig(environment)).toThrow(new RegExp(`${name}: `));
});
