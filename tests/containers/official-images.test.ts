/**
 * What compose and the tests rely on in images that are not ours, said by their documentation. Holds for the official images
 * and for their stand-ins (.ci/stand-ins) alike: the same files run on both.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { Client } from 'pg';
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import { afterEach, describe, expect, it } from 'vitest';
import images from '../../containers/images.json' with { type: 'json' };
import { openEngine } from '../../stack/containers/engine.ts';

const engine = await openEngine();
const started: StartedTestContainer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((container) => container.stop()));
});

async function start(container: GenericContainer): Promise<StartedTestContainer> {
  const running = await container.start();
  started.push(running);
  return running;
}

async function inside(container: StartedTestContainer, command: string): Promise<string> {
  const { output, exitCode } = await container.exec(['sh', '-c', command]);
  if (exitCode !== 0) throw new Error(`${command}: ${output}`);
  return output.trim();
}

describe('postgres', () => {
  const ready = Wait.forLogMessage(/database system is ready to accept connections/, 2);
  const configured = () =>
    new GenericContainer(images.postgres)
      .withEnvironment({
        POSTGRES_USER: 'clerk',
        POSTGRES_PASSWORD_FILE: '/run/secrets/password',
        POSTGRES_DB: 'orders',
        POSTGRES_INITDB_ARGS: '--data-checksums',
      })
      .withCopyContentToContainer([
        { content: 'pass word\n', target: '/run/secrets/password', mode: 0o444 },
        { content: 'CREATE TABLE made (by text);', target: '/docker-entrypoint-initdb.d/1.sql', mode: 0o444 },
        {
          content: `psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO made VALUES ('script')"`,
          target: '/docker-entrypoint-initdb.d/2.sh',
          mode: 0o444,
        },
      ])
      .withCommand(['-c', 'max_connections=37'])
      .withExposedPorts(5432)
      .withWaitStrategy(ready);

  async function ask(container: StartedTestContainer, password: string, sql: string): Promise<unknown[]> {
    const client = new Client({
      host: container.getHost(),
      port: container.getMappedPort(5432),
      user: 'clerk',
      password,
      database: 'orders',
    });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows.flatMap((row) => Object.values(row));
    } finally {
      await client.end();
    }
  }

  it('takes user, password, database, options and scripts from where its documentation says', async () => {
    const container = await start(configured());
    expect(await ask(container, 'pass word', 'SHOW max_connections')).toEqual(['37']);
    expect(await ask(container, 'pass word', 'SHOW data_checksums')).toEqual(['on']);
    expect(await ask(container, 'pass word', 'SELECT by FROM made')).toEqual(['script']);
    expect(await ask(container, 'pass word', "SELECT datcollate FROM pg_database WHERE datname = 'orders'")).toEqual([
      'en_US.utf8',
    ]);
    await expect(ask(container, 'wrong', 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  it('runs as user 999, and keeps its data over a restart', async () => {
    const container = await start(configured());
    expect(await inside(container, 'stat -c %u /proc/1')).toBe('999');
    expect(await inside(container, 'pg_isready -U clerk -d orders')).toContain('accepting connections');
    await ask(container, 'pass word', "INSERT INTO made VALUES ('before')");
    await engine.container.getById(container.getId()).restart();
    await inside(container, 'timeout 60 sh -c "until pg_isready -q; do sleep 0.1; done"');
    const rows = await inside(container, 'psql -U clerk -d orders -Atc "SELECT by FROM made"');
    expect(rows.split('\n')).toEqual(['script', 'before']);
  });

  it('refuses to start without a password', async () => {
    let said = '';
    const refused = new GenericContainer(images.postgres)
      .withWaitStrategy(Wait.forOneShotStartup())
      .withLogConsumer((log) => log.on('data', (line: string) => (said += line)))
      .start();
    await expect(refused).rejects.toThrow();
    expect(said).toContain('superuser password is not specified');
  });
});

describe('kafka', () => {
  /** Short-lived, each of them: no time to compile well. */
  const tool = (container: StartedTestContainer, name: string, options: string) =>
    inside(
      container,
      `KAFKA_JVM_PERFORMANCE_OPTS='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' ` +
        `/opt/kafka/bin/${name}.sh --bootstrap-server localhost:9092 ${options}`,
    );

  it('turns KAFKA_ variables into properties: _ is a dot, __ an underscore, ___ a dash', async () => {
    const container = await start(
      new GenericContainer(images.kafka)
        .withEnvironment({
          CLUSTER_ID: 'c2FnYWxpbmUtdGVzdC0xMA',
          KAFKA_NODE_ID: '4',
          KAFKA_PROCESS_ROLES: 'broker,controller',
          KAFKA_CONTROLLER_QUORUM_VOTERS: '4@localhost:9093',
          KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
          KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
          KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://localhost:9092',
          KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
          KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
          KAFKA_NUM_PARTITIONS: '7',
          KAFKA_SOME__NAME_WITH___DASH: 'yes',
          KAFKA_LOG_DIRS: '/var/lib/kafka/data',
          KAFKA_HEAP_OPTS: '-Xmx256m',
        })
        .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/)),
    );
    const properties = (await inside(container, 'cat /opt/kafka/config/server.properties')).split('\n');
    expect(properties).toEqual(expect.arrayContaining(['node.id=4', 'num.partitions=7', 'some_name.with-dash=yes']));
    expect(await inside(container, 'cat /var/lib/kafka/data/meta.properties')).toContain('c2FnYWxpbmUtdGVzdC0xMA');
    expect(await inside(container, 'stat -c %u /proc/1')).toBe('1000');
    expect(await inside(container, "tr '\\0' ' ' < /proc/1/cmdline")).toContain('-Xmx256m');

    await tool(container, 'kafka-topics', '--create --topic orders');
    expect(await tool(container, 'kafka-topics', '--describe --topic orders')).toMatch(/PartitionCount: 7/);
  });

  it('is a broker of its own when nothing is said', async () => {
    const container = await start(
      new GenericContainer(images.kafka).withWaitStrategy(Wait.forLogMessage(/Kafka Server started/)),
    );
    expect(await tool(container, 'kafka-broker-api-versions', '')).toContain('localhost:9092 (id: 1 ');
  });
});

describe('temporal', () => {
  it('is the command line, and not root', async () => {
    const container = await start(
      new GenericContainer(images.temporal)
        .withCommand(['server', 'start-dev', '--ip', '0.0.0.0', '--headless'])
        .withWaitStrategy(Wait.forLogMessage(/Temporal Server:/)),
    );
    expect(await inside(container, 'stat -c %u /proc/1')).toBe('1000');
    expect(await inside(container, 'temporal operator cluster health')).toContain('SERVING');
  });
});

describe('node', () => {
  it('has npm, and a user of its own', async () => {
    const container = await start(
      new GenericContainer(images.node).withUser('node').withCommand(['-e', 'setInterval(() => {}, 60_000)']),
    );
    expect(await inside(container, 'node --version')).toBe(`v${/:([\d.]+)/.exec(images.node)?.[1] ?? ''}`);
    expect(await inside(container, 'npm --version')).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await inside(container, 'id -u')).toBe('1000');
  });
});

describe.skipIf(process.env.TESTCONTAINERS_RYUK_DISABLED === 'true')('ryuk', () => {
  it('removes what matches a filter once nobody is connected, and nothing else', async () => {
    const idle = (label: string) =>
      new GenericContainer(images.node)
        .withLabels({ [label]: 'yes' })
        .withCommand(['-e', 'setInterval(() => {}, 60_000)']);
    const label = `sagaline.test-${crypto.randomUUID()}`;
    const [doomed, bystander] = await Promise.all([idle(label).start(), start(idle(`${label}-not`))]);
    // It ends and goes by itself.
    const reaper = await new GenericContainer(images.ryuk)
      .withEnvironment({ RYUK_RECONNECTION_TIMEOUT: '100ms' })
      // Not to be taken for the reaper of anybody's session.
      .withLabels({ TESTCONTAINERS_RYUK_TEST_LABEL: 'true' })
      .withBindMounts([{ source: engine.info.containerRuntime.remoteSocketPath, target: '/var/run/docker.sock' }])
      .withExposedPorts(8080)
      .withWaitStrategy(Wait.forLogMessage(/Started/))
      .start();

    const removed = engine.container.getById(doomed.getId()).wait({ condition: 'removed' }) as Promise<unknown>;
    const socket = connect(reaper.getMappedPort(8080), reaper.getHost());
    socket.write(`label=${label}=yes\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toBe('ACK\n');
    socket.destroy();
    await removed;
    expect(await inside(bystander, 'echo here')).toBe('here');
  });
});
