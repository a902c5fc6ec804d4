/** A broker that wants certificates: TLS with a CA of its own, and clients that show theirs. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { createKafka } from '../../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import type { Kafka } from '../../../packages/sagaline/kafka/port.ts';
import { kafkaAnswers } from '../../../packages/sagaline/dev/health/checks.ts';
import { BROKER_PROPERTIES } from '../../../packages/sagaline/dev/native/kafka.ts';
import { choosePorts } from '../../../packages/sagaline/dev/native/ports.ts';
import type { StartedServer } from '../../../packages/sagaline/dev/native/records.ts';
import { startServer, stopServer } from '../../../packages/sagaline/dev/native/server.ts';
import { ensureTools } from '../../../packages/sagaline/dev/tools/index.ts';
import { run } from '../../../packages/sagaline/dev/tools/run.ts';
import { certificateFiles, createCertificates } from '../../support/certificates.ts';

const { ca, server, client, files, directory, write } = certificateFiles();
let broker: StartedServer;
let address: string;

/** What the client's configuration says; a variable that is undefined is left out. */
function connect(own: Record<string, string | undefined> = {}): Kafka {
  const environment = {
    ...{ KAFKA_BROKERS: address, KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: files.ca },
    ...{ KAFKA_TLS_CERT_FILE: files.cert, KAFKA_TLS_KEY_FILE: files.key, ...own },
  };
  return createKafka(readConfig(environment).kafka, pino({ level: 'silent' }));
}

beforeAll(async () => {
  const { kafka: tools, java: javaCommand } = await ensureTools();
  const { kafka: port, kafkaController } = await choosePorts({});
  address = `localhost:${port}`;
  const [settings, data] = [join(directory, 'server.properties'), join(directory, 'data')];
  const properties = {
    ...BROKER_PROPERTIES,
    'listener.security.protocol.map': 'SSL:SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'SSL',
    'controller.quorum.voters': `1@127.0.0.1:${kafkaController}`,
    listeners: `SSL://localhost:${port},CONTROLLER://127.0.0.1:${kafkaController}`,
    'advertised.listeners': `SSL://${address}`,
    'log.dirs': data,
    'ssl.client.auth': 'required',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': write('server.pem', `${server.key}${server.cert}`),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': files.ca,
  };
  await mkdir(data, { recursive: true });
  await writeFile(
    settings,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  const java = [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    `-Dlog4j2.configurationFile=${tools.logSettings}`,
    '-cp',
    tools.classPath,
  ];
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  await run(javaCommand, [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings]);
  const answers = kafkaAnswers(address, { ca: ca.cert, cert: client.cert, key: client.key });
  broker = await startServer(
    { name: 'kafka-tls', command: javaCommand, args: [...java, 'kafka.Kafka', settings], answers },
    directory,
  );
}, 120_000);
afterAll(() => stopServer(broker, directory, 'atOnce'));

test('takes records from, and gives them to, who shows a certificate of its CA', async () => {
  const kafka = connect();
  await kafka.ensureTopics([{ topic: 'secured', partitions: 1, config: {} }]);
  const producer = await kafka.createProducer();
  await producer.send([{ topic: 'secured', key: 'k', value: 'read by TLS', headers: {} }]);
  await producer.close();
  const read = await new Promise<string>((resolve, reject) => {
    void kafka
      .createConsumer({
        ...{ groupId: 'secured', topics: ['secured'], concurrency: 1 },
        handle: (batch) => {
          resolve(String(batch.records[0]?.value));
          batch.resolve(batch.records.at(-1)?.offset ?? '0');
          return Promise.resolve();
        },
      })
      .then((consumer) => {
        consumer.failed.catch(reject);
        closeConsumer = () => consumer.close();
      }, reject);
  });
  expect(read).toBe('read by TLS');
  await closeConsumer();
});
let closeConsumer: () => Promise<void> = () => Promise.resolve();

const stranger = certificateFiles();

test.each([
  ['no certificate', { KAFKA_TLS_CERT_FILE: undefined, KAFKA_TLS_KEY_FILE: undefined }],
  ['a certificate of another CA', { KAFKA_TLS_CERT_FILE: stranger.files.cert, KAFKA_TLS_KEY_FILE: stranger.files.key }],
  ['another CA’s trust', { KAFKA_TLS_CA_FILE: write('other-ca.pem', createCertificates('Other').ca.cert) }],
  ['only the system’s trust', { KAFKA_TLS_CA_FILE: undefined }],
])('does not serve who has %s', async (_what, own) => {
  await expect(connect(own).ping()).rejects.toThrow();
});
