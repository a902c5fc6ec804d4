/** What a file of relay tests shares: a database and a topic for each test, and relays that are closed after it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished } from 'vitest';
import type { ConsumedRecord, RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
import type { Relay, RelayDeps } from '../../../packages/sagaline/relay/create-relay.ts';
import { brokers, collect, connectKafka, createTopic, eventually } from '../../support/kafka.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stack.ts';
import { relays } from './outbox.ts';

export interface RelayWorld {
  readonly kafka: ReturnType<typeof connectKafka>;
  /** Of this test. */
  readonly database: TestDatabase;
  readonly db: pg.Client;
  readonly topic: string;
  readonly producer: RecordProducer;
  /** A relay, closed after the test. */
  readonly start: (overrides?: Partial<RelayDeps>) => Relay;
  /** As `start`, once it holds its lanes or stands by. */
  readonly relay: (overrides?: Partial<RelayDeps>) => Promise<Relay>;
  readonly watch: (topic?: string) => Promise<{ readonly records: readonly ConsumedRecord[] }>;
}

/** To be called at the top of a test file. What it returns is new for each test. */
export function relayWorld(): RelayWorld {
  const kafka = connectKafka();
  let producer: RecordProducer;
  let database: TestDatabase;
  let db: pg.Client;
  let topic: string;

  beforeAll(async () => (producer = await kafka.createProducer()));
  afterAll(() => producer.close());
  beforeEach(async () => {
    database = await createTestDatabase();
    topic = await createTopic(kafka);
    db = new pg.Client({ connectionString: database.url });
    db.on('error', () => undefined);
    await db.connect();
  });
  afterEach(async () => {
    await db.end();
    await database.close();
  });

  function start(overrides: Partial<RelayDeps> = {}): Relay {
    const started = relays(database.url, producer)(overrides);
    onTestFinished(() => started.close());
    return started;
  }

  return {
    kafka,
    get database() {
      return database;
    },
    get db() {
      return db;
    },
    get topic() {
      return topic;
    },
    get producer() {
      return producer;
    },
    start,
    async relay(overrides) {
      const started = start(overrides);
      await eventually(() => expect(started.state()).toEqual({ ok: true }));
      return started;
    },
    async watch(watched = topic) {
      const seen = await collect(kafka, watched);
      onTestFinished(() => seen.close());
      return seen;
    },
  };
}

export const idOf = ({ headers }: ConsumedRecord): string => String(headers['ce_id']);

export interface RelayProcess {
  readonly child: ChildProcess;
  readonly holdsLanes: Promise<void>;
  /** By which it ended. */
  readonly signal: Promise<string | null>;
}

/** A relay in another process; it is killed after the test. */
export function spawnRelay(databaseUrl: string, environment: Record<string, string> = {}): RelayProcess {
  const env = { ...process.env, ...environment, KAFKA_BROKERS: brokers(), DATABASE_URL: databaseUrl };
  const args = ['--import', 'tsx', join(import.meta.dirname, 'relay-process.ts')];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const holdsLanes = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('lanes 16')) resolve();
    });
  });
  const signal = once(child, 'exit').then(([, name]) => name as string | null);
  return { child, holdsLanes, signal };
}
