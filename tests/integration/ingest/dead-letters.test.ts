import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProducedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { anOrder } from '../../support/orders.ts';
import { orderRecord, orderSagaOf } from './support/records.ts';
import { anOrderId, createWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const canary = 'canary@customer.example';
const good = JSON.stringify(anOrder({ contact: { email: canary } }));

/** The failure mode, what is wrong, the record, and the reason it must get. */
const faults: [string, string, Partial<ProducedRecord>, string][] = [
  ['failure mode 26', 'a tombstone', { key: 'o-1', value: null }, 'tombstone'],
  ['failure mode 27', 'a key that is not the order', { key: 'o-2', value: good }, 'key-mismatch'],
  ['failure mode 27', 'a key that is not UTF-8', { key: Buffer.from([0xff, 0x00, 0xfe]), value: good }, 'invalid-key'],
  ['failure mode 29', 'two megabytes', { key: 'o-1', value: Buffer.alloc(2 * 1024 * 1024, 'x') }, 'too-large'],
  [
    'failure mode 30',
    'a header twice',
    { value: good, headers: { ce_specversion: '1.0', ce_id: ['1', '2'] } },
    'duplicate-header',
  ],
  [
    'failure mode 30',
    'line breaks in a header',
    { value: good, headers: { ce_id: 'a\r\nb', ce_specversion: '1.0' } },
    'invalid-header',
  ],
  ['failure mode 31', 'truncated JSON', { value: good.slice(0, -20) }, 'invalid-json'],
  ['failure mode 31', 'JSON that is not UTF-8', { value: Buffer.from([0x22, 0xe4, 0xf6, 0x22]) }, 'invalid-utf8'],
  [
    'failure mode 32',
    'an unknown schema version',
    { value: good, headers: { schemaversion: '99' } },
    'unknown-schema-version',
  ],
  ['failure mode 54', 'a negative amount', { value: good.replace('1999', '-1999') }, 'invalid-payload'],
  [
    'failure mode 55',
    'a key that reaches for the prototype',
    { value: '{"__proto__":{"polluted":true}}' },
    'forbidden-key',
  ],
];

/** Compared by hash: a difference of two megabytes is nothing to print. */
const hashOf = (part: Buffer | string | null | undefined): string =>
  part === null || part === undefined ? 'null' : createHash('sha256').update(part).digest('hex');

test('every bad record becomes a dead letter as it came, and the partition moves on', async () => {
  const orderId = anOrderId();
  const allowed = { traceparent: 'not a trace', 'content-type': 'application/json' };
  const hostile = { authorization: canary, 'x-huge': 'x'.repeat(50_000), tracestate: 'a\r\nb' };
  const records = faults.map(([, , record]) => ({ ...record, headers: { ...allowed, ...hostile, ...record.headers } }));
  await world.produce(...records, { ...orderRecord(orderId), headers: hostile });
  const ingest = await world.startIngest();

  await world.started(orderSagaOf(orderId));
  const letters = await world.read('order.created.dlq', faults.length);
  expect(letters.map(({ headers }) => String(headers['dlq-reason']))).toEqual(faults.map(([, , , reason]) => reason));

  for (const [at, { key, value, headers }] of letters.entries()) {
    const original = records[at] as (typeof records)[number];
    expect(hashOf(key)).toBe(hashOf(original.key));
    expect(hashOf(value)).toBe(hashOf(original.value));
    const read = Object.fromEntries(Object.entries(headers).map(([name, one]) => [name, String(one)]));
    expect(read).toMatchObject({
      ...allowed,
      'dlq-topic': 'order.created',
      'dlq-partition': '0',
      'dlq-offset': String(at),
    });
    expect(Date.parse(read['dlq-timestamp'] ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(Object.keys(read)).not.toContain('authorization');
    expect(Object.keys(read)).not.toContain('x-huge');
    expect(Object.keys(read)).not.toContain('tracestate');
    expect(JSON.stringify(read)).not.toContain('canary');
  }

  const rows = await world.database.deadLetter.findMany({ orderBy: { offset: 'asc' } });
  expect(rows.map(({ reason }) => reason)).toEqual(faults.map(([, , , reason]) => reason));
  expect(rows.map(({ value }) => value?.length)).toEqual(letters.map(({ value }) => value?.length));
  expect(await world.database.inboxEvent.count()).toBe(1);
  await ingest.close();
});

test('a value that does not fit the dead-letter topic stays in the row, and the letter says which', async () => {
  const small = await createWorld(1, { deadLetterBytes: 1024 * 1024 });
  try {
    await small.produce({ key: 'o-1', value: Buffer.alloc(2 * 1024 * 1024, 'x') }, { key: 'o-2', value: 'no JSON' });
    await small.startIngest();
    const row = await small.deadLetter('order.created', 0);
    const letters = await small.read('order.created.dlq', 2);
    const [pointer] = letters.filter(({ headers }) => headers['dlq-row-id'] !== undefined);
    expect(pointer).toMatchObject({ key: Buffer.from('o-1'), value: null });
    expect(String(pointer?.headers['dlq-row-id'])).toBe(String(row.id));
    expect(row.value).toHaveLength(2 * 1024 * 1024);
    expect(letters.some(({ value }) => value?.toString() === 'no JSON')).toBe(true);
  } finally {
    await small.close();
  }
});

test('while a dead letter cannot be written its offset is held, and nothing behind it is lost', async () => {
  const held = await createWorld(1, { without: ['order.created.dlq'] });
  try {
    const orderId = anOrderId();
    await held.produce({ value: 'no JSON' }, orderRecord(orderId));
    const failures: string[] = [];
    await held.startIngest({ observer: { ...held.deps.observer, retried: (operation) => failures.push(operation) } });
    await held.until(() => failures.filter((operation) => operation === 'dead-letter').length >= 2);
    expect(await held.committedOffset('order.created')).toBeLessThanOrEqual(0);

    await held.createDeadLetterTopics();
    await held.started(orderSagaOf(orderId));
    expect((await held.read('order.created.dlq', 1)).map(({ value }) => value?.toString())).toContain('no JSON');
  } finally {
    await held.close();
  }
});
