import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kafkaAnswers } from '../health/checks.ts';
import type { Tools } from '../tools/index.ts';
import { run } from '../tools/run.ts';
import type { NativeContext } from './context.ts';
import type { ServerSpec } from './server.ts';

/** Small and quick to start: one broker for one machine, not for throughput. */
const JVM = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** One node that is broker and controller (KRaft). Formats its storage the first time. */
export async function kafkaServer(
  { java: command, kafka: tools }: Pick<Tools, 'java' | 'kafka'>,
  { ports, stateDirectory }: NativeContext,
): Promise<ServerSpec> {
  const directory = join(stateDirectory, 'kafka');
  const settings = join(directory, 'server.properties');
  const data = join(directory, 'data');
  const java = [...JVM, `-Dlog4j2.configurationFile=${tools.logSettings}`, '-cp', tools.classPath];
  await mkdir(directory, { recursive: true });
  await writeFile(settings, propertiesOf(ports.kafka, ports.kafkaController, data));
  if (!existsSync(join(data, 'meta.properties'))) {
    // A cluster id is 16 bytes in URL-safe base64.
    const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
    await run(command, [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings]);
  }
  return {
    name: 'kafka',
    command,
    args: [...java, 'kafka.Kafka', settings],
    answers: kafkaAnswers(`127.0.0.1:${ports.kafka}`),
  };
}

/** What every single small broker of ours is told, native or in a container. */
export const BROKER_PROPERTIES = {
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  // A misspelt topic is an error, not a new topic.
  'auto.create.topics.enable': false,
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'num.network.threads': 2,
  'num.io.threads': 4,
  'log.index.size.max.bytes': 1_048_576,
} as const;

function propertiesOf(port: number, controllerPort: number, data: string): string {
  const properties = {
    ...BROKER_PROPERTIES,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': data,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
