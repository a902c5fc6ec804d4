/** GET /v1/live on a real database and a real server: nothing is missed, whatever commits when and whoever reads how slowly. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHttpServer } from '../../../packages/sagaline/http/server.ts';
import { createLiveFeed, type LiveFeed } from '../../../packages/sagaline/live/live-feed.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { silent } from '../../support/kafka.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stack.ts';
import { createTestApp, problemOf } from '../../unit/http/support/test-app.ts';

let testDatabase: TestDatabase;
let database: Database;
let feed: LiveFeed;
let server: Awaited<ReturnType<typeof startHttpServer>>;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url, poolSize: 8, acquireTimeoutMs: 5_000 });
  feed = await createLiveFeed({ database, databaseUrl: testDatabase.url, logger: silent });
  const { app } = createTestApp({ database, live: feed, options: { maxLiveReaders: 4 } });
  server = await startHttpServer(app.fetch, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await feed.close();
  await server.close();
  await database.$disconnect();
  await testDatabase.close();
});

interface Pushed {
  readonly event: string;
  readonly id: string;
  readonly data: { readonly id?: string; readonly state?: string };
}

/** A reader that has been answered; `until` reads on until what it has seen satisfies. */
async function read(headers: Record<string, string> = {}, query = '') {
  const hangUp = new AbortController();
  const response = await fetch(`${server.url}/v1/live${query}`, { headers, signal: hangUp.signal });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const chunks = response.body?.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  const seen: Pushed[] = [];
  let text = '';
  async function until(enough: () => boolean): Promise<Pushed[]> {
    while (!enough()) {
      const { value, done } = (await chunks?.next()) ?? { done: true, value: '' };
      if (done) throw new Error('the stream ended');
      text += value;
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1] ?? '';
        if (field('event') === '') continue;
        seen.push({ event: field('event'), id: field('id'), data: JSON.parse(field('data')) as Pushed['data'] });
      }
    }
    return seen;
  }
  await until(() => seen.length > 0);
  return { seen, until, hangUp: () => hangUp.abort() };
}

function sagaRow(workflowId: string) {
  return {
    ...{ workflowId, name: 'orderSaga', sagaId: workflowId, state: 'running', parked: [], delivered: [] },
    ...{ eventId: randomUUID(), payloadHash: 'h', topic: 'order.created', partition: 0, offset: 0n },
  };
}

const start = (...ids: string[]) => database.saga.createMany({ data: ids.map(sagaRow) });
const move = (workflowId: string, state: string) => database.saga.update({ where: { workflowId }, data: { state } });
const storyOf = (seen: readonly Pushed[], id: string) =>
  seen.filter(({ data }) => data.id === id).map(({ data }) => data.state);

describe('a reader', () => {
  test('sees sagas begin and change, in their order, and nothing that is no change', async () => {
    const reader = await read();
    expect(reader.seen[0]).toMatchObject({ event: 'ready' });
    await start('s-1', 's-2');
    await move('s-1', 'rollingBack');
    await move('s-1', 'rollingBack');
    await move('s-1', 'rejected');
    await reader.until(() => storyOf(reader.seen, 's-1').includes('rejected'));
    expect(storyOf(reader.seen, 's-1')).toEqual(['running', 'rollingBack', 'rejected']);
    expect(storyOf(reader.seen, 's-2')).toEqual(['running']);
    reader.hangUp();
  });

  test('who comes back with the last id misses nothing, and gets nothing twice', async () => {
    const first = await read();
    await start('s-3');
    await first.until(() => storyOf(first.seen, 's-3').length === 1);
    first.hangUp();
    await move('s-3', 'completed');
    await start('s-4');
    const second = await read({ 'Last-Event-ID': first.seen.at(-1)?.id ?? '' });
    await second.until(() => storyOf(second.seen, 's-4').length === 1);
    expect(second.seen.map(({ event }) => event)).toEqual(['ready', 'saga', 'saga']);
    expect(storyOf(second.seen, 's-3')).toEqual(['completed']);
    second.hangUp();
  });

  test('gets what commits late, although it was numbered early', async () => {
    const reader = await read();
    const late = new Client({ connectionString: testDatabase.url });
    await late.connect();
    await late.query('BEGIN');
    await late.query(
      `INSERT INTO sagaline_engine.live_changes (kind, data) VALUES ('saga', '{"id": "late", "state": "running"}')`,
    );
    await start('s-5');
    await late.query('COMMIT');
    await late.end();
    await reader.until(() => storyOf(reader.seen, 's-5').length === 1);
    expect(reader.seen.map(({ data }) => data.id)).toEqual([undefined, 'late', 's-5']);
    reader.hangUp();
  });

  test('gets the kinds that were asked for', async () => {
    const reader = await read({}, '?kinds=statistics');
    await start('s-6');
    await database.$executeRaw`INSERT INTO sagaline_engine.live_changes (kind, data) VALUES ('statistics', '{"windows": []}')`;
    await reader.until(() => reader.seen.length > 1);
    expect(reader.seen.map(({ event }) => event)).toEqual(['ready', 'statistics']);
    reader.hangUp();
  });

  test('whose last id is older than what is kept is told of the gap', async () => {
    const first = await read();
    first.hangUp();
    await start('s-7', 's-8');
    await database.$executeRaw`DELETE FROM sagaline_engine.live_changes WHERE data ->> 'id' IS DISTINCT FROM 's-8'`;
    const second = await read({ 'Last-Event-ID': first.seen[0]?.id ?? '' });
    expect(second.seen[0]).toMatchObject({ event: 'gap' });
    await second.until(() => storyOf(second.seen, 's-8').length === 1);
    second.hangUp();
  });

  test('beyond the ring reads from the table: 12,000 changes, each once and in order', async () => {
    const reader = await read();
    for (let block = 0; block < 6; block++) {
      await start(...Array.from({ length: 2_000 }, (_, index) => `many-${block * 2_000 + index}`));
    }
    await reader.until(() => reader.seen.length > 12_000);
    const ids = reader.seen.slice(1).map(({ data }) => data.id);
    expect(new Set(ids).size).toBe(12_000);
    expect(ids.at(-1)).toMatch(/^many-1[01]/);
    reader.hangUp();
  });

  test('too many are refused, and so is an id that no server gave', async () => {
    const readers = await Promise.all(Array.from({ length: 4 }, () => read()));
    const refused = await fetch(`${server.url}/v1/live`);
    expect(await problemOf(refused)).toMatchObject({ status: 429 });
    for (const reader of readers) reader.hangUp();
    await expect
      .poll(async () => (await fetch(`${server.url}/v1/live`, { headers: { 'Last-Event-ID': 'x' } })).status, {
        timeout: 50_000,
      })
      .toBe(400);
  });
});
