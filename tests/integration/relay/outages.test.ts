/** The relay without PostgreSQL, with a part of it that is frozen, and as a process that is. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../support/kafka.ts';
import { freeze } from '../../support/frozen-backend.ts';
import { append, storedEvents } from './outbox.ts';
import { idOf, relayWorld, spawnRelay } from './support.ts';

const world = relayWorld();

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly time: number;
}

function logged() {
  const lines: LogLine[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) });
  return { lines, logger, of: (words: string) => lines.filter(({ msg }) => msg.includes(words)) };
}

/** Stands before PostgreSQL, on an address of its own. */
async function proxy(change: (chunk: Buffer) => Buffer = (chunk) => chunk) {
  const target = new URL(world.database.url);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (chunk) => upstream.write(change(chunk))).on('close', () => upstream.destroy());
    upstream.pipe(client).on('close', () => client.destroy());
  });
  const listen = async (port = 0) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(async () => {
    await stop();
  });
  const port = await listen();
  const url = new URL(world.database.url);
  url.host = `127.0.0.1:${port}`;
  return { url: url.href, stop, again: () => listen(port), connections: () => connections };
}

const allPublished = async (count: number) => {
  const stored = await storedEvents(world.database.url);
  expect(stored).toHaveLength(count);
  expect(stored.filter(({ published }) => !published)).toEqual([]);
};

describe('while PostgreSQL is down', () => {
  test('it tries again with growing pauses, says so once, and goes on when it is back', async () => {
    const way = await proxy();
    const { logger, of } = logged();
    const relay = await world.relay({ databaseUrl: way.url, logger });
    await way.stop();
    await eventually(() => expect(of('cannot work yet')).toHaveLength(4));
    const [said, ...others] = of('the relay cannot work, and');
    expect(others).toEqual([]);
    // Half a second, one, two and four, less a quarter each; 12,000 times a second is what it was.
    expect((of('cannot work yet').at(-1)?.time ?? 0) - (said?.time ?? 0)).toBeGreaterThan(2_500);
    expect(relay.state()).toEqual({ ok: false, detail: 'has no session with PostgreSQL' });

    await append(world.db, { id: 'e-1', topic: world.topic, key: 'a' });
    await way.again();
    await eventually(() => allPublished(1));
    await eventually(() => expect(relay.state()).toEqual({ ok: true }));
    expect(of('the relay works again')).toHaveLength(1);
  });

  test('it closes at once', async () => {
    const way = await proxy();
    await way.stop();
    const relay = world.start({ databaseUrl: way.url });
    const began = performance.now();
    await relay.close();
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('no connection is left behind when the session cannot be set up', async () => {
    const misheard = (chunk: Buffer) => Buffer.from(chunk.toString('latin1').replace('LISTEN', 'LISTEM'), 'latin1');
    const way = await proxy(misheard);
    world.start({ databaseUrl: way.url });
    await eventually(() => expect(way.connections()).toBeGreaterThanOrEqual(4));
    await eventually(async () => {
      const { rows } = await world.db.query(
        `SELECT FROM pg_stat_activity WHERE application_name = 'sagaline-relay' AND datname = current_database()`,
      );
      expect(rows.length).toBeLessThanOrEqual(1);
    });
  });
});

describe('frozen', () => {
  test('a backend: the statement fails, the relay says so, and goes on when it can', async () => {
    const relay = await world.relay();
    const { rows } = await world.db.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'sagaline-relay' AND datname = current_database()`,
    );
    const thaw = await freeze(rows[0]?.pid ?? 0);
    try {
      await eventually(() => expect(relay.state().ok).toBe(false));
    } finally {
      await thaw();
    }
    await append(world.db, { id: 'e-1', topic: world.topic, key: 'a' });
    await eventually(() => allPublished(1));
  });

  test('a relay: its lanes are taken over, and when it thaws it does no harm', { timeout: 120_000 }, async () => {
    const seen = await world.watch();
    const stopped = spawnRelay(world.database.url);
    await stopped.holdsLanes;
    const standby = await world.relay();
    stopped.child.kill('SIGSTOP');
    const events = (from: number) =>
      Array.from({ length: 50 }, (_, n) => ({
        id: `e-${from + n}`,
        topic: world.topic,
        key: `k-${n % 3}`,
        n: from + n,
      }));
    await append(world.db, ...events(0));
    await eventually(() => allPublished(50));

    stopped.child.kill('SIGCONT');
    await append(world.db, ...events(50));
    await eventually(() => allPublished(100));
    await eventually(() => expect(new Set(seen.records.map(idOf)).size).toBe(100));
    for (const key of ['k-0', 'k-1', 'k-2']) {
      const first = [...new Set(seen.records.filter((record) => record.key?.toString() === key).map(idOf))];
      expect(first).toEqual([...first].sort((a, b) => Number(a.slice(2)) - Number(b.slice(2))));
    }
    expect(standby.state()).toEqual({ ok: true });
    expect(stopped.child.exitCode).toBeNull();
  });
});
