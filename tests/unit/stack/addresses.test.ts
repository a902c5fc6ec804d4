import { describe, expect, it } from 'vitest';
import { participants } from '../../../activities/index.ts';
import { notification } from '../../../activities/notification/index.ts';
import { payment } from '../../../activities/payment/index.ts';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { envOf } from '../../../packages/sagaline/config/declared.ts';
import { topicSpecs } from '../../../packages/sagaline/events/topics.ts';
import { environmentOf } from '../../../packages/sagaline/dev/addresses.ts';
import { createExternalStack } from '../../../packages/sagaline/dev/external.ts';
import { createStack } from '../../../packages/sagaline/dev/providers.ts';
import { REFERENCE } from '../../../stack/reference.ts';
import { catalogue } from '../../support/reference.ts';

const ADDRESSES = {
  kafkaBrokers: 'one:9092,two:9093',
  temporalAddress: 'temporal:7233',
  temporalNamespace: 'sagas',
  temporalUiUrl: 'http://temporal:8233',
  databaseUrl: 'postgresql://me:secret@db:5433/sagas',
  gatewayUrl: 'http://127.0.0.1:8081',
  paymentUrl: 'http://payment:8090',
  smtpUrl: 'smtp://mail:1025',
  smsUrl: 'http://sms:8091',
};

describe('addresses', () => {
  it('arrive in the configuration of the gateway under their own names', () => {
    const config = readConfig(environmentOf(ADDRESSES), { declared: participants });
    expect(config.kafka.brokers).toEqual(['one:9092', 'two:9093']);
    expect(config.temporal).toMatchObject({
      address: 'temporal:7233',
      namespace: 'sagas',
      uiUrl: 'http://temporal:8233',
    });
    expect(config.database.url).toBe(ADDRESSES.databaseUrl);
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8081 });
    expect(envOf(config, payment).PAYMENT_URL).toBe(ADDRESSES.paymentUrl);
    expect(envOf(config, notification)).toMatchObject({ SMTP_URL: ADDRESSES.smtpUrl, SMS_URL: ADDRESSES.smsUrl });
  });

  it('of an external stack that does not answer are named, each with the reason', { timeout: 15_000 }, async () => {
    const nowhere = 'http://127.0.0.1:1';
    const stack = createExternalStack(
      {
        KAFKA_BROKERS: '127.0.0.1:1',
        TEMPORAL_ADDRESS: '127.0.0.1:1',
        DATABASE_URL: 'postgresql://me:secret@127.0.0.1:1/sagas',
        PAYMENT_URL: nowhere,
        SMS_URL: nowhere,
        SMTP_URL: 'smtp://127.0.0.1:1',
      },
      REFERENCE,
    );
    const error: unknown = await stack.up().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'StackUnavailable' });
    for (const server of ['kafka', 'temporal', 'postgres', 'payment', 'sms', 'smtp']) {
      expect((error as Error).message).toMatch(new RegExp(`- ${server}: .+`));
    }
    expect((error as Error).message).not.toContain('secret');
  });

  it('come from the provider that is asked for', () => {
    expect(createStack(REFERENCE, { SAGALINE_STACK: 'external' }).name).toBe('external');
    expect(createStack(REFERENCE, { SAGALINE_STACK: 'native' }).name).toBe('native');
    expect(createStack(REFERENCE, { SAGALINE_STACK: 'docker' }).name).toBe('docker');
    expect(createStack(REFERENCE, {}).name).toBe('auto');
    expect(() => createStack(REFERENCE, { SAGALINE_STACK: 'magic' })).toThrow('SAGALINE_STACK');
  });
});

describe('topics', () => {
  it('are one per event type and its dead-letter topic, which takes all that the topic takes, and keeps it', () => {
    const specs = new Map(topicSpecs(catalogue, 6).map((spec) => [spec.topic, spec]));
    const topics = [...specs.keys()].filter((topic) => !topic.endsWith('.dlq'));
    expect(topics).toContain('order.created');
    for (const topic of topics) {
      const [normal, dead] = [specs.get(topic), specs.get(`${topic}.dlq`)];
      expect(normal?.partitions).toBe(6);
      expect(Number(dead?.config?.['max.message.bytes'])).toBeGreaterThan(
        Number(normal?.config?.['max.message.bytes']),
      );
      expect(dead?.config?.['retention.ms']).toBe('-1');
    }
  });
});
