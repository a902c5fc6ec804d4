/**
 * What a newcomer does, in this order: create, test, dev, an event, a change, another saga. On the servers that tests share, with a
 * database of its own.
 */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../../packages/sagaline/dev/native/ports.ts';
import { fetchJson } from '../../../packages/sagaline/dev/fetch-json.ts';
import { unique } from '../../support/kafka.ts';
import { createTestDatabase, testEnvironment, type TestDatabase } from '../../support/stack.ts';
import { createScaffold, type Dev, type Scaffold } from './scaffold.ts';

let database: TestDatabase;
let shop: Scaffold;
let dev: Dev | undefined;
let gateway: string;
let farEnd: string;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  shop = await createScaffold('my-shop');
}, 300_000);
afterAll(async () => {
  dev?.kill();
  await shop.remove();
  await database.close();
});

test('its tests pass at once', { timeout: 180_000 }, async () => {
  expect(await testsOf('booking')).toContain('3 passed');
});

test('dev sets up the servers, starts the application, and says where everything is', async () => {
  const port = await freePort();
  gateway = `http://127.0.0.1:${port}`;
  const id = unique('scaffold');
  dev = shop.dev(['--far-end', 'HOTEL_URL', '--far-end', 'TRIP_URL'], {
    ...testEnvironment({ DATABASE_URL: database.url, HTTP_PORT: String(port) }),
    ...{ KAFKA_GROUP_ID: id, TEMPORAL_TASK_QUEUE: id, SAGALINE_STACK: 'external' },
  });
  await dev.says('servers: up (external)');
  await dev.says('application: ready after');
  await dev.says('my-shop runs:');
  await dev.says('Ctrl-C stops it');
  expect(dev.said()).toContain(`POST ${gateway}/v1/events/<type>`);
  farEnd = /far end: (\S+) +\(HOTEL_URL, TRIP_URL\)/.exec(dev.said())?.[1] ?? '';
  expect(await fetchJson(farEnd)).toEqual({});
});

async function testsOf(name: string): Promise<string> {
  const { code, output } = await shop.run('vitest', 'run', '--testTimeout=60000', '--hookTimeout=60000', name);
  expect(code, output).toBe(0);
  return output;
}

const request = (bookingId: string, card: string) => ({ bookingId, house: 'lakeview', nights: 2, card });
const send = (type: string, payload: object) =>
  fetchJson<{ saga: { id: string } }>(`${gateway}/v1/events/${type}`, payload);
const sagaEnds = (id: string) =>
  vi.waitUntil(
    async () => {
      const saga = await fetchJson<{ state: string }>(`${gateway}/v1/sagas/${id}`).catch(() => ({ state: 'unknown' }));
      return ['completed', 'rejected'].includes(saga.state) && saga;
    },
    { timeout: 30_000, interval: 50 },
  );

test('a first booking completes, and the practice hotel has it', async () => {
  const { saga } = await send('booking.requested', request('b-1', 'tok_1'));
  expect(await sagaEnds(saga.id)).toMatchObject({ state: 'completed' });
  await dev?.says('bookingSaga:b-1  completed');
  expect(await fetchJson(farEnd)).toMatchObject({
    '/rooms/bookingSaga:b-1/room': { state: 'there', body: { house: 'lakeview', nights: 2 } },
    '/deposits/bookingSaga:b-1/deposit': { state: 'there' },
  });
});

test('without a deposit the room goes back', async () => {
  const { saga } = await send('booking.requested', request('b-2', 'refuse: expired'));
  expect(await sagaEnds(saga.id)).toMatchObject({
    state: 'rejected',
    cause: { step: 'deposit', reason: 'DepositRefused' },
    steps: [
      { name: 'room', compensation: { state: 'done' } },
      { name: 'deposit', state: 'failed' },
    ],
  });
  expect(await fetchJson(farEnd)).toMatchObject({ '/rooms/bookingSaga:b-2/room': { state: 'gone' } });
});

test('a change starts it again; one that does not parse waits for the next', async () => {
  const file = join(shop.root, 'workflows', 'booking.saga.ts');
  const text = await readFile(file, 'utf8');
  await appendFile(file, 'const = ;\n');
  await dev?.says(`changed: ${join('workflows', 'booking.saga.ts')}`);
  await dev?.says('it starts again when a file changes');
  await writeFile(file, text);
  await dev?.says('application: ready after');
  const { saga } = await send('booking.requested', request('b-3', 'tok_1'));
  expect(await sagaEnds(saga.id)).toMatchObject({ state: 'completed' });
});

test('another saga with its participant is a command away, and runs', async () => {
  const made = await shop.run('sagaline', 'new', 'saga', 'trip');
  expect(made.code, made.output).toBe(0);
  await dev?.says('application: ready after');
  const { saga } = await send('trip.requested', { tripId: 't-1' });
  expect(await sagaEnds(saga.id)).toMatchObject({ state: 'completed' });

  const before = await readFile(join(shop.root, 'app.ts'), 'utf8');
  const again = await shop.run('sagaline', 'new', 'participant', 'trip');
  expect(again).toMatchObject({ code: 2, output: expect.stringContaining('nothing was written') as string });
  expect(await readFile(join(shop.root, 'app.ts'), 'utf8')).toBe(before);
});

test('the types of all of it are right, and the tests of the new one pass', { timeout: 300_000 }, async () => {
  const { output } = await shop.run('tsc');
  expect(output).toBe('');
  expect(await testsOf('trip')).toContain('3 passed');
});

test('Ctrl-C stops the application, and says what stays', async () => {
  expect(await dev?.interrupt()).toBe(0);
  expect(dev?.said()).toContain('the servers stay up');
  await expect(fetchJson(`${gateway}/healthz`)).rejects.toThrow();
});

describe('with pnpm, where packages find only what they name', () => {
  let other: Scaffold;
  beforeAll(async () => {
    other = await createScaffold('my-other-shop', 'pnpm');
  }, 300_000);
  afterAll(() => other.remove());

  test('the types are right', { timeout: 120_000 }, async () => {
    expect(await other.run('tsc')).toEqual({ code: 0, output: '' });
  });

  test('the tests pass, a recorded saga replays among them', { timeout: 180_000 }, async () => {
    const { code, output } = await other.run('vitest', 'run', '--testTimeout=60000', '--hookTimeout=60000');
    expect(code, output).toBe(0);
  });

  test('the command reads the app file', async () => {
    const { code, output } = await other.run('sagaline', 'saga', '--help');
    expect(code, output).toBe(0);
    expect(output).toContain('Usage: saga');
  });
});
