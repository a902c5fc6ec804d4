import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_LINE_BYTES, MAX_LINES, MAX_TOLD, readBatch } from '../../../packages/sagaline/http/batches/read-batch.ts';
import { bodyChunks, createBodyBudget } from '../../../packages/sagaline/http/body-budget.ts';
import { Problem } from '../../../packages/sagaline/http/problem.ts';
import { userEvents } from '../../../workflows/events/user.ts';

const OPTIONS = { event: userEvents['user.activity'], maxBytes: 1024 * 1024, headers: {} } as const;

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const batchOf = (text: string, size = 64 * 1024, options = {}) =>
  readBatch(chunksOf(Buffer.from(text), size), { ...OPTIONS, ...options });

const good = fc
  .record({ userId: fc.stringMatching(/^[A-Za-z0-9]{1,12}$/), action: fc.string({ minLength: 1, maxLength: 20 }) })
  .filter(({ action }) => !/\0|\p{Surrogate}/u.test(action))
  .map((event) => ({ ok: true, text: JSON.stringify(event), reason: '' }));

const bad = fc
  .constantFrom(
    ['invalid-json', '{"userId":"u-1","action":'],
    ['invalid-json', 'null null'],
    ['invalid-payload', 'null'],
    ['invalid-payload', '{"action":"viewed"}'],
    ['invalid-payload', '{"userId":"u 1","action":"viewed"}'],
    ['forbidden-key', '{"__proto__":{"admin":true},"userId":"u-1","action":"viewed"}'],
    ['unsupported-characters', '{"userId":"u-1","action":"\\u0000"}'],
    ['too-large', `{"userId":"u-1","action":"viewed","page":"${'x'.repeat(MAX_LINE_BYTES)}"}`],
  )
  .map(([reason = '', text = '']) => ({ ok: false, text, reason }));

test('a bad line is refused alone: with its number, its reason, and however the body was cut', async () => {
  const lines = fc.array(fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: bad }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 5_000 }), fc.boolean(), async (all, size, ended) => {
      const text = all.map((line) => line.text).join('\n') + (ended ? '\n' : '');
      const { records, refused, errors } = await batchOf(text, size, { maxBytes: 64 * 1024 * 1024 });
      expect(records.map(({ value }) => JSON.parse(String(value)) as unknown)).toEqual(
        all.filter(({ ok }) => ok).map((line) => JSON.parse(line.text) as unknown),
      );
      expect(errors.map(({ line, reason }) => ({ line, reason }))).toEqual(
        all.flatMap(({ ok, reason }, index) => (ok ? [] : [{ line: index + 1, reason }])),
      );
      expect(refused).toBe(errors.length);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test('records are keyed by the business key, and carry nothing that the schema does not know', async () => {
  const { records } = await batchOf('{"userId":"u-1","action":"viewed","password":"hunter2"}\n');
  expect(records).toEqual([
    { topic: 'user.activity', key: 'u-1', value: '{"userId":"u-1","action":"viewed"}', headers: {} },
  ]);
});

test('errors name the path, and never the value', async () => {
  const { errors } = await batchOf('\n{"userId":"ada lovelace","action":"viewed"}');
  expect(errors).toEqual([
    {
      line: 2,
      reason: 'invalid-payload',
      path: 'userId',
      message: expect.stringContaining('must be 1 to 128') as string,
    },
  ]);
  expect(JSON.stringify(errors)).not.toContain('lovelace');
});

test('of many errors the first are told, all are counted', async () => {
  const { refused, errors } = await batchOf('[]\n'.repeat(MAX_TOLD + 50));
  expect([refused, errors.length, errors.at(-1)?.line]).toEqual([MAX_TOLD + 50, MAX_TOLD, MAX_TOLD]);
});

test.each([
  ['too many bytes', `${' '.repeat(1_000)}\n`.repeat(3), { maxBytes: 2_000 }],
  ['too many lines', '{"userId":"u-1","action":"viewed"}\n'.repeat(MAX_LINES + 1), {}],
  ['too many bad lines', '[]\n'.repeat(MAX_LINES + 1), {}],
])('%s: the batch is refused as a whole', async (_name, text, options) => {
  const refusal = await batchOf(text, 500, options).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Problem);
  expect((refusal as Problem).problem).toBe('body-too-large');
});

test('no body is an empty batch', async () => {
  const none = bodyChunks(null, createBodyBudget(0).share());
  expect(await readBatch(none, OPTIONS)).toEqual({ records: [], refused: 0, errors: [] });
});
