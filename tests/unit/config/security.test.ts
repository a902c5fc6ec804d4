/** What the configuration refuses because a secret would be read by others, or could be guessed. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { participants } from '../../../activities/index.ts';
import { notification } from '../../../activities/notification/index.ts';
import { payment } from '../../../activities/payment/index.ts';
import { InvalidConfiguration, readConfig as read } from '../../../packages/sagaline/config/config.ts';
import { envOf } from '../../../packages/sagaline/config/declared.ts';
import { openSearch } from '../../../packages/sagaline/opensearch/opensearch.ts';
import { certificateFiles, createCertificates } from '../../support/certificates.ts';

type Environment = Readonly<Record<string, string>>;

const readConfig = (environment: Environment) => read(environment, { declared: [...participants, openSearch] });

function problemsOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.problems;
    throw error;
  }
}

const SASL = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'app', KAFKA_SASL_PASSWORD: 'hunter2' };
const OPENSEARCH = { SEARCH_INDEX: 'opensearch' };

describe('a secret does not travel in clear text to another host', () => {
  test.each<[string, Environment]>([
    ['KAFKA_SASL_MECHANISM', { ...SASL, KAFKA_BROKERS: '127.0.0.1:9092,broker.example:9092' }],
    ['KAFKA_SASL_MECHANISM', { ...SASL, KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_BROKERS: '10.0.0.1:9092' }],
    ['TEMPORAL_API_KEY', { TEMPORAL_API_KEY: 'hunter2' }],
    ['SMTP_URL', { SMTP_URL: 'smtp://me:hunter2@mail.example:587' }],
    ['SMTP_URL', { SMTP_URL: 'smtp://me:hunter2@mail.example:587?secure=true' }],
    ['SMTP_URL', { SMTP_URL: 'smtp://me:hunter2@mail.example:587?requireTLS=true&ignoreTLS=true' }],
    ['SMTP_URL', { SMTP_URL: 'smtps://me:hunter2@mail.example?tls.rejectUnauthorized=false' }],
    ['PAYMENT_API_KEY', { PAYMENT_API_KEY: 'hunter2', PAYMENT_URL: 'http://pay.example' }],
    ['SMS_API_KEY', { SMS_API_KEY: 'hunter2', SMS_URL: 'http://sms.example' }],
    ['OPENSEARCH_URL', { ...OPENSEARCH, OPENSEARCH_URL: 'http://me:hunter2@search.example:9200' }],
  ])('%s: %j', (name, environment) => {
    const problems = problemsOf(environment);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
    expect(problems.join()).not.toContain('hunter2');
  });

  test.each<Environment>([
    { ...SASL, KAFKA_BROKERS: '127.0.0.1:9092,localhost:9093,[::1]:9094' },
    { ...SASL, KAFKA_BROKERS: 'broker.example:9092', KAFKA_TLS: 'true' },
    { TEMPORAL_API_KEY: 'hunter2', TEMPORAL_TLS: 'true' },
    { SMTP_URL: 'smtp://me:hunter2@127.0.0.1:1025' },
    { SMTP_URL: 'smtp://me:hunter2@mail.example:587?requireTLS=true' },
    { SMTP_URL: 'smtps://me:hunter2@mail.example' },
    { SMTP_URL: 'smtp://relay.example' },
    { PAYMENT_API_KEY: 'hunter2', PAYMENT_URL: 'https://pay.example' },
    { PAYMENT_API_KEY: 'hunter2' },
    { PAYMENT_URL: 'http://sandbox:8090' },
    { ...OPENSEARCH, OPENSEARCH_URL: 'https://me:hunter2@search.example' },
    { ...OPENSEARCH, OPENSEARCH_URL: 'http://me:hunter2@localhost:9200' },
    { ...OPENSEARCH, OPENSEARCH_URL: 'http://search.example:9200' },
  ])('and %j is taken', (environment) => {
    expect(problemsOf(environment)).toEqual([]);
  });
});

describe('URLs', () => {
  test.each([
    ['PAYMENT_URL', 'file:///etc/passwd'],
    ['PAYMENT_URL', 'ftp://pay.example'],
    ['PAYMENT_URL', 'https://me:hunter2@pay.example'],
    ['PAYMENT_URL', 'http://me@127.0.0.1:8090'],
    ['SMS_URL', 'data:text/plain,x'],
    ['SMS_URL', 'https://:hunter2@sms.example'],
    ['TEMPORAL_UI_URL', 'javascript:alert(1)'],
    ['TEMPORAL_UI_URL', 'https://me:hunter2@ui.example'],
  ])('%s=%s is refused', (name, url) => {
    const problems = problemsOf({ [name]: url });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
    expect(problems.join()).not.toContain('hunter2');
  });
});

describe('an API key', () => {
  test.each(['aaaaaaaaaaaaaaaa', 'abababababababab', '0123456701234567', 'abcdeabcdeabcdec', '1111111111111112'])(
    '%s could be guessed',
    (key) => expect(problemsOf({ API_KEYS: key })).toEqual([expect.stringMatching(/^API_KEYS\.0: .*openssl rand/)]),
  );

  test.each(['f3b1c9d27a604e8b', '8263917450182736', 'local-key-not-a-secret'])('%s is taken', (key) => {
    expect(problemsOf({ API_KEYS: key })).toEqual([]);
  });

  test.each(['PAYMENT_API_KEY', 'SMS_API_KEY', 'TEMPORAL_API_KEY'])('%s fits into a header', (name) => {
    const problems = problemsOf({ TEMPORAL_TLS: 'true', [name]: 'a\r\nX-Injected: hunter2' });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name}: must be printable`))]);
  });
});

describe('failpoints are for this machine', () => {
  const failing = { SAGALINE_FAILPOINTS: 'http.before-answer' };

  test.each<[string, Environment]>([
    ['NODE_ENV', { NODE_ENV: 'production' }],
    ['HTTP_HOST', { HTTP_HOST: '0.0.0.0', API_KEYS: 'f3b1c9d27a604e8b' }],
    ['KAFKA_BROKERS', { KAFKA_BROKERS: '127.0.0.1:9092,broker.example:9092' }],
    ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: 'temporal.example:7233' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgresql://db.example/sagaline' }],
  ])('and refused by %s', (name, environment) => {
    expect(problemsOf({ ...failing, ...environment })).toEqual([
      expect.stringMatching(new RegExp(`^SAGALINE_FAILPOINTS: .*${name}`)),
    ]);
  });

  test.each<[string, Environment]>([
    ['on this machine', { KAFKA_BROKERS: 'localhost:1,[::1]:2', TEMPORAL_ADDRESS: '127.0.0.1:3' }],
    ['with containers, in a test', { KAFKA_BROKERS: '172.17.0.2:9092', NODE_ENV: 'test' }],
  ])('and taken %s', (_, environment) => {
    expect(readConfig({ ...failing, ...environment }).failpoints).toEqual(['http.before-answer']);
  });
});

describe('a secret from a file', () => {
  const { write, directory } = certificateFiles();

  test('is what the variable would be, without the line’s end', () => {
    const files = {
      API_KEYS_FILE: write('keys', 'f3b1c9d27a604e8b\n8263917450182736\n'),
      DATABASE_URL_FILE: write('database', 'postgresql://app:s3cret@127.0.0.1/shop\r\n'),
      PAYMENT_API_KEY_FILE: write('payment', 'payment-key'),
      SMS_API_KEY_FILE: write('sms', 'sms-key\n'),
      SMTP_URL_FILE: write('smtp', 'smtps://me:hunter2@mail.example\n'),
      OPENSEARCH_URL_FILE: write('search', 'https://me:hunter2@search.example\n'),
      TEMPORAL_API_KEY_FILE: write('temporal', 'temporal-key\n'),
      KAFKA_SASL_PASSWORD_FILE: write('kafka', 'kafka password \n'),
    };
    const environment = {
      ...{ ...files, ...OPENSEARCH, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'app', TEMPORAL_TLS: 'true' },
      HTTP_HOST: '0.0.0.0',
    };
    const config = readConfig(environment);
    const { SMS_API_KEY: smsKey, SMTP_URL: smtpUrl } = envOf(config, notification);
    expect(config.http.apiKeys).toEqual(['f3b1c9d27a604e8b', '8263917450182736']);
    expect(config.database.url).toBe('postgresql://app:s3cret@127.0.0.1/shop');
    expect([envOf(config, payment).PAYMENT_API_KEY, smsKey]).toEqual(['payment-key', 'sms-key']);
    expect(smtpUrl).toBe('smtps://me:hunter2@mail.example');
    expect(envOf(config, openSearch)['OPENSEARCH_URL']).toBe('https://me:hunter2@search.example');
    expect([config.temporal.apiKey, config.kafka.sasl?.password]).toEqual(['temporal-key', 'kafka password']);
  });

  test('is checked as the variable is', () => {
    expect(problemsOf({ API_KEYS_FILE: write('weak', 'a'.repeat(16)) })).toEqual([
      expect.stringMatching(/^API_KEYS\.0/),
    ]);
    const smtp = { SMTP_URL_FILE: write('clear', 'smtp://me:hunter2@mail.example') };
    expect(problemsOf(smtp)).toEqual([expect.stringMatching(/^SMTP_URL: .*clear text/)]);
  });

  test('is a problem when it is not there, empty, a directory, too large, or given twice; all are told at once', () => {
    const problems = problemsOf({
      API_KEYS_FILE: '/nowhere/keys',
      HTTP_HOST: '0.0.0.0',
      PAYMENT_API_KEY_FILE: write('empty', ' \n'),
      SMS_API_KEY_FILE: directory,
      TEMPORAL_API_KEY_FILE: write('large', 'x'.repeat(64 * 1024 + 1)),
      DATABASE_URL: 'postgresql://127.0.0.1/one',
      DATABASE_URL_FILE: write('twice', 'postgresql://me:hunter2@127.0.0.1/other'),
      HTTP_PORT: '-1',
    });
    expect([...problems].sort()).toEqual([
      expect.stringMatching(/^API_KEYS_FILE: cannot read \/nowhere\/keys: ENOENT$/),
      expect.stringMatching(/^DATABASE_URL_FILE: set this or DATABASE_URL, not both$/),
      expect.stringMatching(/^HTTP_PORT: /),
      expect.stringMatching(/^PAYMENT_API_KEY_FILE: .* is empty$/),
      expect.stringMatching(/^SMS_API_KEY_FILE: cannot read .*: EISDIR$/),
      expect.stringMatching(/^TEMPORAL_API_KEY_FILE: .* has more than 65536 bytes$/),
    ]);
  });
});

describe.each(['KAFKA_TLS', 'TEMPORAL_TLS'])('certificates of %s', (prefix) => {
  const { ca, client, files, write } = certificateFiles();
  const section = prefix === 'KAFKA_TLS' ? 'kafka' : 'temporal';

  test('are read', () => {
    const { tls } = readConfig({
      ...{ [prefix]: 'true', [`${prefix}_CA_FILE`]: files.ca },
      ...{ [`${prefix}_CERT_FILE`]: files.cert, [`${prefix}_KEY_FILE`]: files.key },
    })[section];
    expect([tls?.ca, tls?.cert, tls?.key].map(String)).toEqual([ca.cert, client.cert, client.key]);
    expect([readConfig({})[section].tls, readConfig({ [prefix]: 'true' })[section].tls?.ca]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test.each<[string, Environment]>([
    ['_CA_FILE: has no effect', { _CA_FILE: files.ca }],
    ['_CA_FILE: cannot read', { '': 'true', _CA_FILE: '/nowhere/ca.pem' }],
    ['_CA_FILE: is no certificate', { '': 'true', _CA_FILE: write('no.pem', 'PEM') }],
    ['_CERT_FILE, .*: set both', { '': 'true', _CERT_FILE: files.cert }],
    ['_CERT_FILE, .*: set both', { '': 'true', _KEY_FILE: files.key }],
    [
      '_CERT_FILE, .*: are no',
      { '': 'true', _CERT_FILE: files.cert, _KEY_FILE: write('other', createCertificates().ca.key) },
    ],
    ['_CERT_FILE, .*: are no', { '': 'true', _CERT_FILE: files.key, _KEY_FILE: files.key }],
  ])('are tried: %s', (problem, own) => {
    const environment = Object.fromEntries(Object.entries(own).map(([name, value]) => [`${prefix}${name}`, value]));
    expect(problemsOf(environment)).toEqual([expect.stringMatching(new RegExp(`^${prefix}${problem}`))]);
  });
});

test('a configuration that is printed shows no secret', () => {
  const { files, client } = certificateFiles();
  const secrets = {
    ...{ ...SASL, KAFKA_TLS: 'true', KAFKA_TLS_CERT_FILE: files.cert, KAFKA_TLS_KEY_FILE: files.key },
    ...{
      ...OPENSEARCH,
      OPENSEARCH_URL: 'https://me:hunter2@search.example',
      SMTP_URL: 'smtps://me:hunter2@mail.example',
    },
    ...{ PAYMENT_API_KEY: 'hunter2-payment', SMS_API_KEY: 'hunter2-sms', TEMPORAL_API_KEY: 'hunter2-temporal' },
    ...{ TEMPORAL_TLS: 'true', TEMPORAL_TLS_CERT_FILE: files.cert, TEMPORAL_TLS_KEY_FILE: files.key },
    ...{ API_KEYS: 'hunter2-of-sixteen', DATABASE_URL: 'postgresql://me:hunter2@127.0.0.1/shop' },
  };
  const config = readConfig(secrets);
  const key = client.key.split('\n')[1] ?? '';
  const bytes = JSON.stringify([...Buffer.from(client.key)].slice(0, 40)).slice(1, -1);
  for (const printed of [
    JSON.stringify(config),
    inspect(config, { depth: 9 }),
    JSON.stringify(config.http),
    JSON.stringify(envOf(config, payment)),
    inspect(envOf(config, notification)),
  ]) {
    expect(printed).toContain('[redacted]');
    for (const secret of ['hunter2', key, bytes]) expect(printed).not.toContain(secret);
  }
});
