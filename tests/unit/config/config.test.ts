import { describe, expect, test } from 'vitest';
import { InvalidConfiguration, readConfig } from '../../../packages/sagaline/config/config.ts';
import { environmentWith } from '../../../packages/sagaline/process/arguments.ts';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.problems;
    throw error;
  }
}

describe('readConfig', () => {
  test('needs nothing: the defaults are the demo’s', () => {
    const config = readConfig({});
    expect(config.kafka.brokers).toEqual(['127.0.0.1:9092']);
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8080, apiKeys: [] });
    expect([...config.gatewayParts]).toEqual(['http', 'consumer', 'relay']);
    expect(config.failpoints).toEqual([]);
  });

  test('takes an empty variable for an absent one', () => {
    expect(readConfig({ HTTP_PORT: '', API_KEYS: '', SAGALINE_FAILPOINTS: '' })).toEqual(readConfig({}));
  });

  test('reads lists, numbers, flags and settings', () => {
    const config = readConfig({
      KAFKA_BROKERS: 'a:1, b:2,[::1]:3',
      KAFKA_TLS: 'true',
      HTTP_PORT: '0',
      GATEWAY_PARTS: 'relay',
      SAGA_SETTINGS: '{"orderSaga":{"deadline":"1 hour"}}',
    });
    expect(config.kafka).toMatchObject({ brokers: ['a:1', 'b:2', '[::1]:3'], tls: {} });
    expect([config.http.port, [...config.gatewayParts]]).toEqual([0, ['relay']]);
    expect(config.ingest.sagaSettings).toEqual({ orderSaga: { deadline: '1 hour' } });
  });

  test('tells every problem at once, by the name of its variable', () => {
    const problems = problemsOf({
      HTTP_PORT: '70000',
      HTTP_HOST: '0.0.0.0',
      KAFKA_BROKERS: 'broker',
      DATABASE_URL: 'mysql://x/y',
      KAFKA_SASL_USERNAME: 'only',
      SAGA_SETTINGS: '{',
    });
    const names = ['HTTP_PORT', 'KAFKA_BROKERS', 'DATABASE_URL', 'SAGA_SETTINGS', 'API_KEYS', 'KAFKA_SASL_MECHANISM'];
    for (const name of names)
      expect(
        problems.some((problem) => problem.startsWith(name)),
        name,
      ).toBe(true);
    expect(problems).toHaveLength(names.length);
  });

  test('knows a duration before a saga is given it', () => {
    expect(problemsOf({ SAGA_SETTINGS: '{"orderSaga":{"deadline":"1 fortnight"}}' })).toEqual([
      expect.stringMatching(/^SAGA_SETTINGS.*orderSaga\.deadline: 1 fortnight is no duration/),
    ]);
  });

  test('never repeats a secret', () => {
    const problems = problemsOf({
      API_KEYS: 'hunter2',
      TEMPORAL_API_KEY: 'topsecret',
      DATABASE_URL: 'mysql://me:s3cret@db/x',
    });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toMatch(/hunter2|topsecret|s3cret/);
  });

  test.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('lets %s go without API keys', (HTTP_HOST) => {
    expect(problemsOf({ HTTP_HOST })).toEqual([]);
  });

  test.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.example.com'])('asks for API keys on %s', (HTTP_HOST) => {
    expect(problemsOf({ HTTP_HOST })[0]).toMatch(/^API_KEYS/);
    expect(problemsOf({ HTTP_HOST, API_KEYS: 'a-key-of-16-chars' })).toEqual([]);
  });

  test('refuses a key that could be guessed', () => {
    expect(problemsOf({ API_KEYS: 'a-key-of-16-chars,short' })[0]).toMatch(/^API_KEYS\.1/);
  });

  test('refuses to send an API key of Temporal’s in clear text', () => {
    expect(problemsOf({ TEMPORAL_API_KEY: 'k' })[0]).toMatch(/^TEMPORAL_API_KEY/);
    expect(problemsOf({ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: 'true' })).toEqual([]);
  });
});

describe('the command line', () => {
  test('--only names the parts of a gateway', () => {
    const { gatewayParts } = readConfig(environmentWith(['--only', 'http,relay'], {}));
    expect([...gatewayParts]).toEqual(['http', 'relay']);
  });

  test.each([['--only', 'https'], ['--all'], ['relay']])('%s %s is refused', (...args: string[]) => {
    expect(() => readConfig(environmentWith(args, {}))).toThrow(InvalidConfiguration);
  });
});
