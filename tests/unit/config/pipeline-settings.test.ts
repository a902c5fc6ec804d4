import { expect, test } from 'vitest';
import { notification } from '../../../activities/notification/index.ts';
import { InvalidConfiguration } from '../../../packages/sagaline/config/config.ts';
import { envOf } from '../../../packages/sagaline/config/declared.ts';
import { behaviour } from '../../../gateways/pipeline/behaviour/projection.ts';
import { logs } from '../../../gateways/pipeline/logs/projection.ts';
import { readAppConfig } from '../../support/reference.ts';

test('times of behaviour and logs are read as durations, and have defaults', () => {
  const byDefault = readAppConfig({});
  expect(envOf(byDefault, behaviour)).toEqual({ BEHAVIOUR_SESSION_GAP: 30 * 60_000 });
  expect(envOf(byDefault, logs)).toEqual({
    ...{ LOGS_RETENTION: 7 * 86_400_000, LOGS_BURST_THRESHOLD: 50, LOGS_BURST_WINDOW: 60_000 },
  });
  const own = readAppConfig({
    ...{ BEHAVIOUR_SESSION_GAP: '90s', LOGS_RETENTION: '30 days' },
    ...{ LOGS_BURST_THRESHOLD: '7', LOGS_BURST_WINDOW: '5000' },
  });
  expect(envOf(own, behaviour)).toEqual({ BEHAVIOUR_SESSION_GAP: 90_000 });
  expect(envOf(own, logs)).toEqual({
    ...{ LOGS_RETENTION: 30 * 86_400_000, LOGS_BURST_THRESHOLD: 7, LOGS_BURST_WINDOW: 5_000 },
  });
});

test('where mail for the operators goes is a mail address, or nothing', () => {
  const told = (environment: Record<string, string>) => envOf(readAppConfig(environment), notification).ALERT_EMAIL;
  expect(told({})).toBeUndefined();
  expect(told({ ALERT_EMAIL: 'ops@sagaline.example' })).toBe('ops@sagaline.example');
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
  expect(() => readAppConfig(environment)).toThrow(InvalidConfiguration);
  expect(() => readAppConfig(environment)).toThrow(new RegExp(`${name}: `));
});
