import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { clientConfig } from '../../../packages/sagaline/kafka/kafkajs/client-config.ts';
import { certificateFiles } from '../../support/certificates.ts';

const configOf = (environment: Record<string, string>) =>
  clientConfig(readConfig(environment).kafka, pino({ level: 'silent' }));

describe('the client', () => {
  test('speaks plain text to every broker by default', () => {
    const config = configOf({ KAFKA_BROKERS: 'a:9092,b:9092' });
    expect(config).toMatchObject({ brokers: ['a:9092', 'b:9092'], ssl: false });
    expect(config.sasl).toBeUndefined();
  });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('passes %s credentials on', (mechanism) => {
    const config = configOf({
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: 'app',
      KAFKA_SASL_PASSWORD: 'secret',
    });
    expect(config.sasl).toEqual({ mechanism, username: 'app', password: 'secret' });
  });

  test('trusts the CA file when there is one, else the system, and shows its certificate when it has one', () => {
    const { ca, client, files } = certificateFiles();
    expect(configOf({ KAFKA_TLS: 'true' }).ssl).toEqual({});
    const trusting = { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: files.ca };
    expect(configOf(trusting).ssl).toEqual({ ca: Buffer.from(ca.cert) });
    const shown = { ...trusting, KAFKA_TLS_CERT_FILE: files.cert, KAFKA_TLS_KEY_FILE: files.key };
    expect(configOf(shown).ssl).toEqual({
      ca: Buffer.from(ca.cert),
      cert: Buffer.from(client.cert),
      key: Buffer.from(client.key),
    });
  });
});
