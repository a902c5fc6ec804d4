import { expect, test } from 'vitest';
import { InvalidConfiguration } from '../../../../packages/sagaline/config/config.ts';
import { envOf } from '../../../../packages/sagaline/config/declared.ts';
import { statistics } from '../../../../gateways/pipeline/statistics/projection.ts';
import type { PerSize } from '../../../../gateways/pipeline/statistics/windows.ts';
import { readAppConfig } from '../../../support/reference.ts';
import { STATISTICS_DEFAULTS } from '../../../../gateways/pipeline/statistics/settings.ts';

const statisticsOf = (environment: Record<string, string>) => {
  const { STATISTICS_LATENESS: latenessMs, STATISTICS_KEEP: keepMs } = envOf(
    readAppConfig(environment),
    statistics,
  ) as {
    STATISTICS_LATENESS: PerSize;
    STATISTICS_KEEP: PerSize;
  };
  return { latenessMs, keepMs };
};

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readAppConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.problems;
    throw error;
  }
}

test('what is not said is as it was', () => {
  expect(statisticsOf({})).toEqual(STATISTICS_DEFAULTS);
  expect(statisticsOf({ STATISTICS_LATENESS: '1h=2 days' }).latenessMs).toEqual({
    ...STATISTICS_DEFAULTS.latenessMs,
    '1h': 172_800_000,
  });
});

test('durations are as everywhere, and there is a word for ever', () => {
  expect(statisticsOf({ STATISTICS_KEEP: '1s = 1 hour, 1m=ever' }).keepMs).toEqual({
    '1s': 3_600_000,
    '1m': Infinity,
    '1h': Infinity,
  });
});

test.each([
  ['10 minutes', 'must be durations by window, 1s 1m 1h, such as 1s=10 minutes,1h=ever'],
  ['1d=10 minutes', 'must be durations by window, 1s 1m 1h, such as 1s=10 minutes,1h=ever'],
  ['1s=soon', "1s: soon is no duration: write milliseconds, or for example '90s' or '24 hours'"],
  ['1s', "1s:  is no duration: write milliseconds, or for example '90s' or '24 hours'"],
])('refuses %s', (text, message) => {
  expect(problemsOf({ STATISTICS_LATENESS: text })).toEqual([`STATISTICS_LATENESS: ${message}`]);
});

test('windows that still take events are not removed', () => {
  expect(problemsOf({ STATISTICS_KEEP: '1s=1 minute', STATISTICS_LATENESS: '1h=ever,1m=90 days' })).toEqual([
    'STATISTICS_KEEP: shorter than STATISTICS_LATENESS for windows of 1s, 1m',
  ]);
});
