import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournal } from '../../../sandbox/journal.ts';
import { openLedger } from '../../../sandbox/payment/ledger.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(() => rm(dir, { recursive: true }));

const open = () => openJournal(join(dir, 'entries.ndjson'), (line) => line as { n: number });

test('what was appended is there after a restart, in order, also when many appended at once', async () => {
  const journal = await open();
  await Promise.all(Array.from({ length: 100 }, (_, n) => journal.append({ n })));
  // Not closed: a killed process does not close either.
  expect((await open()).entries.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  await journal.close();
});

test('a last line that a crash tore is cut off, and the next one stays whole', async () => {
  const journal = await open();
  await journal.append({ n: 1 });
  await journal.close();
  await appendFile(join(dir, 'entries.ndjson'), '{"n":');
  const again = await open();
  expect(again.entries).toEqual([{ n: 1 }]);
  await again.append({ n: 2 });
  await again.close();
  expect(await readFile(join(dir, 'entries.ndjson'), 'utf8')).toBe('{"n":1}\n{"n":2}\n');
});

test('the provider knows its charges, refunds and refusals again after a restart', async () => {
  const at = '2026-01-01T00:00:00.000Z';
  const charge = { orderId: 'o-1', amount: 5, currency: 'EUR', chargeId: 'ch_1', at };
  const first = await openLedger(dir);
  await first.append({ type: 'captured', ...charge, token: 'tok_ok', idempotencyKey: 'k-1', requestHash: 'h' });
  await first.append({ type: 'refund-refused', at, chargeId: 'ch_1', orderId: 'o-1' });
  await first.append({ type: 'refunds-allowed', at, orderId: 'o-1' });
  await first.append({ type: 'refunded', ...charge, refundId: 're_1', idempotencyKey: 'k-2', requestHash: 'h' });
  await first.close();
  const second = await openLedger(dir);
  expect(second.chargeByKey('k-1')?.chargeId).toBe('ch_1');
  expect(second.refundByKey('k-2')?.refundId).toBe('re_1');
  expect(second.refusalsOf('ch_1')).toBe(1);
  expect(second.refundsAllowed('o-1')).toBe(true);
  expect(second.entries('o-1').map(({ type }) => type)).toEqual(['captured', 'refunded']);
  await second.close();
});
