/** POST /v1/activity and /v1/logs without servers: what is refused, and what is answered when Kafka is slow. */
import { expect, test } from 'vitest';
import { MAX_BATCHES, type BatchAnswer } from '../../../packages/sagaline/http/batches/accept-batch.ts';
import { createTestApp, problemOf } from '../http/support/test-app.ts';

const NDJSON = { 'Content-Type': 'application/x-ndjson' };
const GOOD = '{"userId":"u-1","action":"viewed"}\n';
const LOG = '{"service":"shop","level":"info","message":"hello"}\n';

test('all good: 202, and every record is produced by one send', async () => {
  const sends: number[] = [];
  const { post } = createTestApp({ producer: { send: (records) => Promise.resolve(void sends.push(records.length)) } });
  const response = await post('/v1/logs', LOG.repeat(1_000), NDJSON);
  expect([response.status, await response.json()]).toEqual([
    202,
    { accepted: 1_000, refused: 0, errors: [], untold: 0 },
  ]);
  expect(sends).toEqual([1_000]);
});

test('some bad: 207, with line, reason, path and message; the good ones are produced', async () => {
  const { post, produced } = createTestApp();
  const response = await post('/v1/activity', `${GOOD}{"userId":"u-2"}\nnonsense\n${GOOD}`, NDJSON);
  expect(response.status).toBe(207);
  const answer = (await response.json()) as BatchAnswer;
  expect(answer).toMatchObject({ accepted: 2, refused: 2, untold: 0 });
  expect(answer.errors.map(({ line, reason, path }) => [line, reason, path])).toEqual([
    [2, 'invalid-payload', 'action'],
    [3, 'invalid-json', ''],
  ]);
  expect(produced.map(({ topic, key }) => [topic, key])).toEqual(Array(2).fill(['user.activity', 'u-1']));
});

test.each([
  ['no good one', '[]\n{}\n'],
  ['no line at all', ''],
  ['only blank lines', '\n \r\n\n'],
])('%s: 400, with the same list, and nothing is produced', async (_name, body) => {
  const { post, produced } = createTestApp();
  const response = await post('/v1/activity', body, NDJSON);
  const problem = await problemOf(response);
  expect(problem).toMatchObject({ status: 400, type: 'urn:sagaline:problem:nothing-accepted', accepted: 0 });
  expect(problem.errors).toHaveLength(body.includes('[]') ? 2 : 0);
  expect(produced).toEqual([]);
});

test.each(['application/json', 'text/plain', 'application/x-ndjson; charset=latin1', ''])('%s is 415', async (type) => {
  const { post, produced } = createTestApp();
  expect((await problemOf(await post('/v1/logs', LOG, { 'Content-Type': type }))).status).toBe(415);
  expect((await problemOf(await post('/v1/logs', LOG, { ...NDJSON, 'Content-Encoding': 'gzip' }))).status).toBe(415);
  expect(produced).toEqual([]);
});

test.each(['application/x-ndjson', 'application/ndjson; charset=UTF-8'])('%s is taken', async (type) => {
  const { post } = createTestApp();
  expect((await post('/v1/logs', LOG, { 'Content-Type': type })).status).toBe(202);
});

test('a batch above HTTP_BATCH_LIMIT_BYTES is 413, announced or not, and nothing of it is produced', async () => {
  const { app, post, produced } = createTestApp({ options: { batchLimitBytes: 500 } });
  const announced = await post('/v1/logs', LOG, { ...NDJSON, 'Content-Length': '501' });
  expect((await problemOf(announced)).status).toBe(413);
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.from(LOG)) });
  const init = { method: 'POST', body: endless, duplex: 'half', headers: NDJSON };
  const streamed = await app.request('/v1/logs', init as RequestInit);
  expect((await problemOf(streamed)).status).toBe(413);
  expect(produced).toEqual([]);
});

test('the trace context goes with every record', async () => {
  const { post, produced } = createTestApp();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await post('/v1/activity', GOOD, { ...NDJSON, traceparent });
  await post('/v1/activity', GOOD, { ...NDJSON, traceparent: 'nonsense' });
  expect(produced.map(({ headers }) => headers)).toEqual([{ traceparent }, {}]);
});

test('Kafka that does not acknowledge in time is 503, and hanging batches are bounded: further ones are 429', async () => {
  const hanging: (() => void)[] = [];
  const { post } = createTestApp({
    options: { produceTimeoutMs: 20 },
    producer: { send: () => new Promise((resolve) => void hanging.push(resolve)) },
  });
  const send = () => post('/v1/logs', LOG, NDJSON);
  for (let count = 0; count < MAX_BATCHES; count++) {
    const slow = await send();
    expect([slow.headers.get('retry-after'), (await problemOf(slow)).status]).toEqual(['2', 503]);
  }
  const refused = await send();
  expect([refused.headers.get('retry-after'), (await problemOf(refused)).status]).toEqual(['1', 429]);
  expect(hanging).toHaveLength(MAX_BATCHES);
  for (const acknowledge of hanging) acknowledge();
  await new Promise(setImmediate);
  expect((await problemOf(await send())).status).toBe(503);
});

test('a batch whose body breaks off gives its place back', async () => {
  const { app, post } = createTestApp({ options: { maxInFlight: 1 } });
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error('connection reset')) });
  const init = { method: 'POST', body: broken, duplex: 'half', headers: NDJSON };
  expect((await problemOf(await app.request('/v1/logs', init as RequestInit))).status).toBe(400);
  expect((await post('/v1/logs', LOG, NDJSON)).status).toBe(202);
});
