/** Attempts that die, come back late, or overlap: each ends its own hold on a message, and nobody takes a dead one's for nothing. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createMessageStore } from '../../../activities/notification/messages.ts';
import type { Claimed, Held } from '../../../activities/notification/ports.ts';
import { failureOf, fresh, openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const SHORT_MS = 30;
const storeOf = (attemptMs: number) =>
  createMessageStore({ database: bench.database, workflowId: () => undefined, attemptMs });

function aMessage(email = `ada-${randomUUID()}@customer.example`) {
  const subjectId = fresh('o');
  const key = `orderSaga:${subjectId}:notification`;
  return {
    ref: { actionKey: key, channel: 'email', subjectId, template: 'order-paid', recipient: email },
    message: { to: { email }, template: 'order-paid', subjectId, key },
    correction: { actionKey: key, template: 'order-rejected', subjectId, key: `${key}/undo` },
  } as const;
}

/** Claims a message whose holder's time ends any moment. */
async function untilHeld(claim: () => Promise<Claimed>, seen: Claimed[] = []): Promise<Held> {
  for (;;) {
    const claimed = await claim();
    if (claimed.held) return claimed.held;
    seen.push(claimed);
  }
}

test('whoever does not get a message is told to wait for more than nothing, also where a claim ends that very moment', async () => {
  const store = storeOf(SHORT_MS);
  const refusals: Claimed[] = [];
  for (let round = 0; round < 40; round++) {
    const { ref } = aMessage();
    await store.claim(ref);
    await untilHeld(() => store.claim(ref), refusals);
  }
  expect(refusals.length).toBeGreaterThan(40);
  expect(refusals.filter(({ busyForMs }) => busyForMs <= 0)).toEqual([]);
});

describe('an attempt that comes back late', () => {
  test('and did not deliver lets go of nothing that another one holds: the message in hand is corrected', async () => {
    const { ref, message, correction } = aMessage();
    const store = storeOf(SHORT_MS);
    const late = await untilHeld(() => store.claim(ref));
    const current = await untilHeld(() => storeOf(SHORT_MS).claim(ref));
    await store.release(late);
    await store.refused(late, 'smtp_550');
    const { 'notification.send': send, 'notification.correct': correct } = bench.participants();
    expect((await failureOf(send(message))).type).toBe('MessageStillOpen');
    expect((await failureOf(correct(correction))).type).toBe('MessageStillOpen');
    await store.sent(current);
    expect(await correct(correction)).toEqual({ corrected: ['email'] });
    expect(await bench.sandbox.mailsTo(ref.recipient)).toHaveLength(1);
  });

  test('and did deliver is believed, whoever holds the message by now', async () => {
    const { ref, correction } = aMessage();
    const store = storeOf(SHORT_MS);
    const late = await untilHeld(() => store.claim(ref));
    const current = await untilHeld(() => store.claim(ref));
    await store.refused(current, 'smtp_550');
    await store.sent(late);
    expect(await bench.participants()['notification.correct'](correction)).toEqual({ corrected: ['email'] });
  });

  test('sends nothing any more: its time began with its claim', async () => {
    const { ref, message } = aMessage();
    const timeoutMs = 300;
    await storeOf(timeoutMs)
      .claim(ref)
      .then(({ held }) => held && storeOf(timeoutMs).release(held));
    const { 'notification.send': send } = bench.participants({ notificationTimeoutMs: timeoutMs });
    const sending = await bench.database.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "messages" WHERE "action_key" = ${ref.actionKey} FOR UPDATE`;
      const waiting = failureOf(send(message));
      await vi.waitFor(async () => {
        const [row] = await bench.database.$queryRaw<{ count: bigint }[]>`
          SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
        expect(row?.count).toBe(1n);
      });
      await delay(timeoutMs);
      return { waiting };
    });
    expect(await sending.waiting).toMatchObject({ type: 'NotDelivered', final: false });
    expect(await bench.sandbox.mailsTo(ref.recipient)).toEqual([]);
    await bench.participants()['notification.send'](message);
    expect(await bench.sandbox.mailsTo(ref.recipient)).toHaveLength(1);
  });
});

test('what an attempt that died may have sent is corrected, though the next one says for sure that it did not', async () => {
  const { ref, message, correction } = aMessage(`greylist-${randomUUID()}@customer.example`);
  const store = storeOf(SHORT_MS);
  await store.claim(ref);
  const { 'notification.send': send, 'notification.correct': correct } = bench.participants({
    notificationTimeoutMs: 1_000,
  });
  // The participant's attempts are longer than this one was: it waits for the dead one's time as it knows it.
  await vi.waitFor(async () => expect((await failureOf(send(message))).type).toBe('NotDelivered'), { timeout: 5_000 });
  await vi.waitFor(async () => expect(await correct(correction)).toEqual({ corrected: ['email'] }), { timeout: 5_000 });
});

test('a recipient who is refused for good cannot be told, and the undoing ends there', async () => {
  const { ref, correction } = aMessage(`refused-${randomUUID()}@customer.example`);
  await storeOf(SHORT_MS).claim(ref);
  const { 'notification.correct': correct } = bench.participants({ notificationTimeoutMs: 1 });
  const patient = bench.participants({ notificationTimeoutMs: 1_000 })['notification.correct'];
  await vi.waitFor(async () => expect(await patient(correction)).toEqual({ corrected: [], refused: ['email'] }), {
    timeout: 5_000,
  });
  expect(await correct(correction)).toEqual({ corrected: [], refused: ['email'] });
  expect(await bench.emitted(ref.subjectId)).toMatchObject([
    { type: 'notification.failed', payload: { template: 'order-rejected', channel: 'email', reason: 'smtp_550' } },
  ]);
});

test('a short outage of our own database does not send a message twice', async () => {
  const { ref, message } = aMessage();
  const { 'notification.send': send } = bench.participants();
  // Rows can be read and claimed, and not be marked sent: as if the database went away right after the claim.
  await bench.database.$executeRawUnsafe(`CREATE FUNCTION refuse_sent() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'terminating connection due to administrator command' USING ERRCODE = '57P01'; END $$`);
  await bench.database.$executeRawUnsafe(`CREATE TRIGGER refuse_sent BEFORE UPDATE ON "messages" FOR EACH ROW
    WHEN (NEW."state" = 'sent') EXECUTE FUNCTION refuse_sent()`);
  const sending = send(message);
  await vi.waitFor(async () => expect(await bench.sandbox.mailsTo(ref.recipient)).toHaveLength(1), { timeout: 4_000 });
  await bench.database.$executeRawUnsafe('DROP TRIGGER refuse_sent ON "messages"');
  expect(await sending).toEqual({ sent: ['email'] });
  expect(await bench.sandbox.mailsTo(ref.recipient)).toHaveLength(1);
});
