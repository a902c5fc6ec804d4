import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { InvalidConfiguration, readConfig } from '../../../packages/sagaline/config/config.ts';
import { secret } from '../../../packages/sagaline/config/declaration.ts';
import { envOf, variablesIn } from '../../../packages/sagaline/config/declared.ts';

const provider = {
  env: {
    PROVIDER_URL: z.url({ error: 'must be a URL' }).default('http://127.0.0.1:1'),
    PROVIDER_KEY: secret(z.string().min(4, 'needs 4 characters').optional()),
    PROVIDER_ATTEMPTS: z.coerce.number().int().default(3),
  },
  contradictions: ({
    PROVIDER_URL: url,
    PROVIDER_KEY: key,
  }: {
    PROVIDER_URL?: string;
    PROVIDER_KEY?: string | undefined;
  }) => (key !== undefined && url?.startsWith('http:') === true ? ['PROVIDER_KEY: would travel in clear text'] : []),
};
const other = { env: { PROVIDER_URL: provider.env.PROVIDER_URL } };

const read = (environment: Record<string, string>) => readConfig(environment, { declared: [provider, other] });

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.problems;
    throw error;
  }
  return [];
}

test('a part reads the variables that it declared, and their defaults where they are absent or empty', () => {
  const config = read({ PROVIDER_ATTEMPTS: '5', PROVIDER_URL: '' });
  expect(envOf(config, provider)).toEqual({ PROVIDER_URL: 'http://127.0.0.1:1', PROVIDER_ATTEMPTS: 5 });
  expect(envOf(config, other)).toEqual({ PROVIDER_URL: 'http://127.0.0.1:1' });
});

test('its problems are told with all others, and once, whoever else declares the variable', () => {
  expect(problemsOf({ KAFKA_BROKERS: 'nowhere', PROVIDER_URL: 'no', PROVIDER_KEY: 'abc' })).toEqual([
    'KAFKA_BROKERS.0: must be host:port',
    'PROVIDER_URL: must be a URL',
    'PROVIDER_KEY: needs 4 characters',
  ]);
});

test('contradictions are told beside variables that do not fit', () => {
  expect(problemsOf({ PROVIDER_KEY: 'abcd', PROVIDER_ATTEMPTS: 'many' })).toEqual([
    expect.stringMatching(/^PROVIDER_ATTEMPTS: /),
    'PROVIDER_KEY: would travel in clear text',
  ]);
});

test('a secret may come from a file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sagaline-secret-'));
  try {
    writeFileSync(join(directory, 'key'), 'from a file\n');
    const config = read({ PROVIDER_URL: 'https://provider.example', PROVIDER_KEY_FILE: join(directory, 'key') });
    expect(envOf(config, provider).PROVIDER_KEY).toBe('from a file');
    expect(problemsOf({ PROVIDER_KEY_FILE: join(directory, 'none') })).toEqual([
      expect.stringMatching(/^PROVIDER_KEY_FILE: cannot read/),
    ]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a secret is not shown when the configuration is printed', () => {
  const config = read({ PROVIDER_URL: 'https://provider.example', PROVIDER_KEY: 'do not tell' });
  expect(inspect(config, { depth: 9 })).toContain('https://provider.example');
  expect(inspect(config, { depth: 9 })).not.toContain('do not tell');
});

test('a part that the configuration was read without is a programming error', () => {
  expect(() => envOf(readConfig({}), provider)).toThrow(/without this part/);
});

test('the names of all variables that parts declare', () => {
  expect(variablesIn([provider, other, {}])).toEqual(['PROVIDER_URL', 'PROVIDER_KEY', 'PROVIDER_ATTEMPTS']);
});
