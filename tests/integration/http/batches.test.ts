import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BatchAnswer } from '../../../packages/sagaline/http/batches/accept-batch.ts';
import { startHttpServer, type HttpServer } from '../../../packages/sagaline/http/server.ts';
import { parseRecord } from '../../../packages/sagaline/events/parse-record.ts';
import { collect, eventually, textOf, type Collector } from '../../support/kafka.ts';
import { createApi, type Api } from './support/api.ts';
import { readingWith } from '../../support/reference.ts';

describe('POST /v1/activity and /v1/logs, over a socket', () => {
  let api: Api;
  let server: HttpServer;
  let kafka: Collector;

  beforeAll(async () => {
    api = await createApi();
    server = await startHttpServer(api.app.fetch, { host: '127.0.0.1', port: 0 });
    kafka = await collect(api.kafka, 'user.activity', 'service.log');
  });
  afterAll(async () => {
    await kafka.close();
    await server.close();
    await api.close();
  });

  const post = (path: string, body: string | ReadableStream, headers: Record<string, string> = {}) =>
    fetch(new URL(path, server.url), {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-ndjson', ...headers },
      duplex: 'half',
    });
  const recordsOf = (key: string) => kafka.records.filter((record) => textOf(record.key) === key);
  const ndjson = (events: readonly object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

  test('a batch arrives whole and in order, as ingest and pipeline read it', async () => {
    const userId = `u-${randomUUID()}`;
    const at = '2026-11-22T10:00:00Z';
    const events = Array.from({ length: 3_000 }, (_, n) => ({ userId, action: 'viewed', at, page: `/p/${n}` }));
    const response = await post('/v1/activity', ndjson(events));
    expect([response.status, await response.json()]).toEqual([
      202,
      { accepted: 3_000, refused: 0, errors: [], untold: 0 },
    ]);
    await eventually(() => expect(recordsOf(userId)).toHaveLength(3_000));
    const read = recordsOf(userId).map((record) =>
      parseRecord(
        record,
        readingWith(() => false),
      ),
    );
    expect(read.map(({ payload }) => payload)).toEqual(events);
  });

  test('bad lines are refused alone, also from a body that comes in pieces', async () => {
    const service = `s-${randomUUID()}`;
    const good = { service, level: 'error', message: '결제가 실패했습니다' };
    const bytes = Buffer.from(`${ndjson([good, { ...good, level: 'loud' }])}{"service"\n\n${ndjson([good]).trim()}`);
    const pieces = new ReadableStream({
      start(controller) {
        for (let from = 0; from < bytes.length; from += 7) controller.enqueue(bytes.subarray(from, from + 7));
        controller.close();
      },
    });
    const response = await post('/v1/logs', pieces);
    expect(response.status).toBe(207);
    const answer = (await response.json()) as BatchAnswer;
    expect(answer).toMatchObject({ accepted: 2, refused: 2 });
    expect(answer.errors.map(({ line, reason, path }) => [line, reason, path])).toEqual([
      [2, 'invalid-payload', 'level'],
      [3, 'invalid-json', ''],
    ]);
    await eventually(() => expect(recordsOf(service)).toHaveLength(2));
    expect(recordsOf(service).map(({ value }) => JSON.parse(textOf(value)) as unknown)).toEqual([good, good]);
  });

  test('with an Idempotency-Key a batch that was acknowledged is not produced again', async () => {
    const userId = `u-${randomUUID()}`;
    const headers = { 'Idempotency-Key': randomUUID() };
    const body = `${ndjson([{ userId, action: 'viewed' }])}[]\n`;
    const answers = [await post('/v1/activity', body, headers), await post('/v1/activity', body, headers)];
    expect(answers.map(({ status }) => status)).toEqual([207, 207]);
    const [first, second] = await Promise.all(answers.map((answer) => answer.text()));
    expect(second).toBe(first);
    expect((await post('/v1/activity', ndjson([{ userId, action: 'added' }]), headers)).status).toBe(409);
    // One that comes after it: had there been a second copy, it would have arrived before.
    await post('/v1/activity', ndjson([{ userId, action: 'last' }]));
    await eventually(() => expect(recordsOf(userId)).toHaveLength(2));
  });

  test('accepted records are counted', async () => {
    const metrics = await (await api.get('/metrics')).text();
    expect(metrics).toMatch(/sagaline_http_events_accepted_total\{type="user.activity"\} 3\d{3}/);
  });
});
