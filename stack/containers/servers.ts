/** PostgreSQL, Kafka and Temporal as containers: the official images, told what the native servers are told. */
import {
  kafkaAnswers,
  postgresAnswers,
  temporalAnswers,
  allAnswer,
  httpAnswers,
} from '../../packages/sagaline/dev/health/checks.ts';
import { BROKER_PROPERTIES } from '../../packages/sagaline/dev/native/kafka.ts';
import type { Ports } from '../../packages/sagaline/dev/native/ports.ts';
import { databaseUrl, ROLE } from '../../packages/sagaline/dev/native/postgres.ts';
import { DEV_SERVER, NAMESPACE } from '../../packages/sagaline/dev/native/temporal.ts';
import { IMAGES } from './engine.ts';
import type { ContainerSpec } from './server.ts';

export interface ContainerContext {
  readonly ports: Ports;
  /** Where the engine opens the containers' ports. */
  readonly host: string;
  /** Temporal keeps its state over a restart of its container; it is slower then. */
  readonly persist: boolean;
}

export function postgresContainer({ ports, host }: ContainerContext): ContainerSpec {
  // Nobody wants these data after a crash of the machine; what is acknowledged survives a killed server even so.
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: 300, timezone: 'UTC' };
  return {
    name: 'postgres',
    image: IMAGES.postgres,
    command: ['postgres', ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    environment: { POSTGRES_USER: ROLE, POSTGRES_PASSWORD: ROLE, POSTGRES_DB: ROLE },
    ports: [{ container: 5432, host: ports.postgres }],
    answers: postgresAnswers(databaseUrl(ports, undefined, host)),
  };
}

export function kafkaContainer({ ports, host }: ContainerContext): ContainerSpec {
  const properties = {
    ...BROKER_PROPERTIES,
    'controller.quorum.voters': '1@localhost:9093',
    listeners: 'PLAINTEXT://:9092,CONTROLLER://localhost:9093',
    'advertised.listeners': `PLAINTEXT://${host}:${ports.kafka}`,
    'log.dirs': '/var/lib/kafka/data',
  };
  return {
    name: 'kafka',
    image: IMAGES.kafka,
    environment: {
      ...Object.fromEntries(Object.entries(properties).map(([key, value]) => [variableOf(key), String(value)])),
      KAFKA_HEAP_OPTS: '-Xmx512m',
      KAFKA_JVM_PERFORMANCE_OPTS: '-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
    },
    ports: [{ container: 9092, host: ports.kafka }],
    answers: kafkaAnswers(`${host}:${ports.kafka}`),
  };
}

/** How the image wants a broker's property: `log.dirs` as KAFKA_LOG_DIRS. */
const variableOf = (property: string) => `KAFKA_${property.replaceAll('.', '_').toUpperCase()}`;

export function temporalContainer({ ports, host, persist }: ContainerContext): ContainerSpec {
  return {
    name: 'temporal',
    image: IMAGES.temporal,
    command: [...DEV_SERVER, '--ip', '0.0.0.0', ...(persist ? ['--db-filename', '/tmp/temporal.db'] : [])],
    ports: [
      { container: 7233, host: ports.temporal },
      { container: 8233, host: ports.temporalUi },
    ],
    answers: allAnswer(
      temporalAnswers({ address: `${host}:${ports.temporal}` }, NAMESPACE),
      httpAnswers(`http://${host}:${ports.temporalUi}/`),
    ),
  };
}
