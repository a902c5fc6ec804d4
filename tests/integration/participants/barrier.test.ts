/** The barrier of an author's own participant (deposit.ts, which is the example of docs/participants.md), kernel rule 2. */
import fc from 'fast-check';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCallStore } from '../../../activities/engine/barrier/store.ts';
import { remoteParticipant, type BarrierTimes } from '../../../activities/engine/index.ts';
import { startBackground } from '../../../gateways/process/background-part.ts';
import { silent } from '../../support/kafka.ts';
import { participantsOf } from '../../support/participants.ts';
import { deposit } from './deposit.ts';
import { failureOf, fresh, openWorkbench, untilDone, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

/** The participant as it is, with times that tests see end. */
const depositWith = (times: BarrierTimes): typeof deposit => ({
  ...deposit,
  create: ({ barrier, ...tools }) =>
    deposit.create({ ...tools, barrier: (name, undoable) => barrier(name, { ...undoable, ...times }) }),
});

interface SetOptions extends BarrierTimes {
  readonly url?: string;
  readonly count?: (labels: Readonly<Record<string, string>>) => void;
}

function deposits({ url = bench.sandbox.paymentUrl, count = () => undefined, ...times }: SetOptions = {}) {
  const set = participantsOf(
    { DEPOSIT_URL: url },
    {
      participants: [depositWith(times)],
      database: bench.database,
      workflowId: () => 'tripSaga:t-1',
      counter: () => count,
    },
  );
  return { take: set.activities['deposit.take'], giveBack: set.activities['deposit.giveBack'], set };
}

function aDeposit(token: string) {
  const orderId = fresh('t');
  const key = `tripSaga:${orderId}/deposit`;
  return { input: { orderId, amount: 1999, currency: 'EUR', token, key }, undo: { actionKey: key } };
}

const store = () => createCallStore<{ id: string }>(bench.database, 'deposit.deposit', () => 'tripSaga:t-1');
const rowOf = (key: string) => bench.database.participantCall.findUniqueOrThrow({ where: { key } });
const totalsOf = async (orderId: string) => (await bench.sandbox.ledger(orderId)).totals;
const WENT_BACK = { captured: 1999, refunded: 1999, balance: 0 };

/** As a request that arrives when nobody waits for it any more. */
async function chargeLate({ orderId, amount, currency, token, key }: ReturnType<typeof aDeposit>['input']) {
  const response = await fetch(`${bench.sandbox.paymentUrl}/v1/charges`, {
    method: 'POST',
    headers: { 'idempotency-key': key },
    body: JSON.stringify({ amount, currency, token, metadata: { orderId } }),
  });
  expect(response.status).toBe(201);
}

describe('an action', () => {
  test('is done once, whatever the number of attempts, and says the same each time', async () => {
    const { input } = aDeposit('tok_ok');
    const { take } = deposits();
    const answers = [await take(input), await take(input), await take(input)];
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect((await bench.sandbox.ledger(input.orderId)).entries).toHaveLength(1);
    expect(await rowOf(input.key)).toMatchObject({
      ...{ call: 'deposit.deposit', state: 'done', undone: false, workflowId: 'tripSaga:t-1' },
      answer: answers[0],
    });
    // A far end that cannot be reached shows that what is known comes from our own row.
    expect(await deposits({ url: 'http://127.0.0.1:9' }).take(input)).toEqual(answers[0]);
  });

  test('is done once when attempts overlap: who comes while the far end is at it asks again', async () => {
    const { input } = aDeposit('tok_slow_100');
    const { take } = deposits();
    const answers = await Promise.all([1, 2, 3].map(() => untilDone(() => take(input))));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect((await totalsOf(input.orderId)).captured).toBe(1999);
  });

  test('is asked about when its reply was lost', async () => {
    const { input } = aDeposit('tok_lost_reply');
    const { take } = deposits();
    expect(await failureOf(take(input))).toMatchObject({ type: 'NoUsableAnswer', final: false });
    const { id } = await take(input);
    expect((await bench.sandbox.ledger(input.orderId)).entries.map(({ chargeId }) => chargeId)).toEqual([id]);
  });

  test.each(['tok_declined', 'tok_unknown'])('that is refused (%s) leaves nothing open', async (token) => {
    const { input, undo } = aDeposit(token);
    const { take, giveBack } = deposits();
    expect(await failureOf(take(input))).toMatchObject({ type: 'RequestRefused', final: true });
    expect(await giveBack(undo)).toEqual({ undone: false });
  });

  test('is refused under a key that stands for other input, or for another call', async () => {
    const { input, undo } = aDeposit('tok_ok');
    const { take } = deposits();
    const first = await take(input);
    expect(await failureOf(take({ ...input, amount: 1 }))).toMatchObject({ type: 'KeyReused', final: true });
    const other = remoteParticipant('other', {
      create: ({ barrier }) =>
        barrier('deposit', {
          do: () => Promise.resolve({}),
          find: () => Promise.resolve(undefined),
          undo: () => Promise.resolve(),
        }),
    });
    const { activities } = participantsOf(
      {},
      { participants: [other], database: bench.database, workflowId: () => undefined },
    );
    expect(await failureOf(activities['other.act'](input))).toMatchObject({ type: 'KeyReused', final: true });
    expect(await failureOf(activities['other.undo'](undo))).toMatchObject({ type: 'KeyReused', final: true });
    expect(await rowOf(input.key)).toMatchObject({ undone: false });
    expect(await take(input)).toEqual(first);
  });
});

describe('an undoing', () => {
  test('is done once, and says so each time', async () => {
    const { input, undo } = aDeposit('tok_ok');
    const { take, giveBack } = deposits();
    await take(input);
    const undone = await Promise.all([1, 2].map(() => untilDone(() => giveBack(undo))));
    expect([...undone, await giveBack(undo)]).toEqual([{ undone: true }, { undone: true }, { undone: true }]);
    expect(await totalsOf(input.orderId)).toEqual(WENT_BACK);
  });

  test('whose reply was lost is done once', async () => {
    const { input, undo } = aDeposit('tok_refund_lost_reply');
    const { take, giveBack } = deposits();
    await take(input);
    expect((await failureOf(giveBack(undo))).type).toBe('NoUsableAnswer');
    expect(await giveBack(undo)).toEqual({ undone: true });
    expect(await totalsOf(input.orderId)).toEqual(WENT_BACK);
  });

  test('that is refused is final, and succeeds for the operator who asks again', async () => {
    const { input, undo } = aDeposit('tok_refund_refused');
    const { take, giveBack } = deposits();
    await take(input);
    expect(await failureOf(giveBack(undo))).toMatchObject({ type: 'RequestRefused', final: true });
    await bench.sandbox.allowRefunds(input.orderId);
    expect(await giveBack(undo)).toEqual({ undone: true });
  });

  test('before its action (null compensation) leaves a tombstone: the action does nothing (hanging action)', async () => {
    const { input, undo } = aDeposit('tok_ok');
    const { take, giveBack } = deposits();
    expect(await giveBack(undo)).toEqual({ undone: false });
    expect(await failureOf(take(input))).toMatchObject({ type: 'ActionUndone', final: true });
    expect((await bench.sandbox.ledger(input.orderId)).entries).toEqual([]);
    expect(await giveBack(undo)).toEqual({ undone: false });
  });

  test('after which its action comes once more is not undone by it', async () => {
    const { input, undo } = aDeposit('tok_ok');
    const { take, giveBack } = deposits();
    await take(input);
    await giveBack(undo);
    expect(await failureOf(take(input))).toMatchObject({ type: 'ActionUndone', final: true });
    expect(await totalsOf(input.orderId)).toEqual(WENT_BACK);
  });

  test('during its action waits for it, and the action takes back what it did', async () => {
    const { input, undo } = aDeposit('tok_slow_2000');
    const { take, giveBack } = deposits();
    const taking = failureOf(take(input));
    await vi.waitFor(() => rowOf(input.key), 2_000);
    const early = await failureOf(giveBack(undo));
    expect(early).toMatchObject({ type: 'CallStillOpen', final: false });
    expect(early.retryAfterMs).toBeGreaterThan(0);
    expect(await taking).toMatchObject({ type: 'ActionUndone', final: true });
    expect(await totalsOf(input.orderId)).toEqual(WENT_BACK);
    expect(await giveBack(undo)).toEqual({ undone: true });
  });

  test('of an attempt that nobody heard of asks until its time is over, and finds what it did', async () => {
    const { input, undo } = aDeposit('tok_slow_3000');
    const { take, giveBack } = deposits({ timeoutMs: 300, settleMs: 6_000 });
    expect((await failureOf(take(input))).type).toBe('NoUsableAnswer');
    await vi.waitFor(async () => {
      const again = await failureOf(take(input));
      expect(again).toMatchObject({ type: 'NoUsableAnswer', final: false });
      expect(again.message).toContain('HTTP 409');
    }, 2_500);
    expect((await failureOf(giveBack(undo))).type).toBe('CallStillOpen');
    expect(await untilDone(() => giveBack(undo))).toEqual({ undone: true });
    expect(await totalsOf(input.orderId)).toEqual(WENT_BACK);
  });
});

/** Runs one call in a process of its own that kills itself at the failpoint. @returns the signal it died of */
async function dieIn(activity: 'deposit.take' | 'deposit.giveBack', failpoint: string, input: object) {
  const { databaseUrl, sandbox } = bench;
  const argument = JSON.stringify({ databaseUrl, paymentUrl: sandbox.paymentUrl, failpoint, activity, input });
  const script = new URL('one-call.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, argument], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal;
}

describe('a process that is killed', () => {
  test('between intent and far end: the next attempt does it', async () => {
    const { input } = aDeposit('tok_ok');
    expect(await dieIn('deposit.take', 'deposit.deposit.after-intent', input)).toBe('SIGKILL');
    expect(await rowOf(input.key)).toMatchObject({ state: 'intent', answer: null });
    await deposits().take(input);
    expect((await bench.sandbox.ledger(input.orderId)).entries).toHaveLength(1);
  });

  test('between far end and answer: the next attempt finds that very deposit', async () => {
    const { input } = aDeposit('tok_ok');
    expect(await dieIn('deposit.take', 'deposit.deposit.after-do', input)).toBe('SIGKILL');
    expect(await rowOf(input.key)).toMatchObject({ state: 'intent', answer: null });
    const { id } = await deposits().take(input);
    expect((await bench.sandbox.ledger(input.orderId)).entries).toMatchObject([{ type: 'captured', chargeId: id }]);
  });

  test('between far end and answer, and then an undoing: what was done goes back', async () => {
    const { input, undo } = aDeposit('tok_ok');
    expect(await dieIn('deposit.take', 'deposit.deposit.after-do', input)).toBe('SIGKILL');
    expect(await deposits().giveBack(undo)).toEqual({ undone: true });
    expect(await totalsOf(input.orderId)).toEqual(WENT_BACK);
  });

  test('after the far end took it back: the next attempt takes nothing back again', async () => {
    const { input, undo } = aDeposit('tok_ok');
    await deposits().take(input);
    expect(await dieIn('deposit.giveBack', 'deposit.deposit.after-undo', undo)).toBe('SIGKILL');
    expect(await rowOf(input.key)).toMatchObject({ state: 'done', undone: true });
    expect(await deposits().giveBack(undo)).toEqual({ undone: true });
    expect(await totalsOf(input.orderId)).toEqual(WENT_BACK);
  });
});

describe('the sweep, which the engine runs in the background', () => {
  test('takes back what landed after the undoing had found nothing, once, however many sweep', async () => {
    const { input, undo } = aDeposit('tok_slow_1800');
    const { take, giveBack } = deposits({ timeoutMs: 100, settleMs: 0 });
    expect((await failureOf(take(input))).type).toBe('NoUsableAnswer');
    expect(await untilDone(() => giveBack(undo))).toEqual({ undone: false });

    const count = vi.fn<(labels: Readonly<Record<string, string>>) => void>();
    const sweepAfterMs = Array<number>(100).fill(100);
    const sweepers = [1, 2, 3].flatMap(() =>
      deposits({ sweepAfterMs, sweepEveryMs: 20, count }).set.background.map((work) => startBackground(work, silent)),
    );
    expect(sweepers).toHaveLength(3);
    await vi.waitFor(async () => expect((await rowOf(input.key)).state).toBe('undone'), { timeout: 10_000 });
    await Promise.all(sweepers.map((sweeper) => sweeper.close()));
    expect(await totalsOf(input.orderId)).toEqual(WENT_BACK);
    const about = { participant: 'deposit', call: 'deposit' };
    expect(count.mock.calls.filter(([{ outcome }]) => outcome === 'returned')).toEqual([
      [{ ...about, outcome: 'returned' }],
    ]);
    expect(count).toHaveBeenCalledWith({ ...about, outcome: 'nothing' });
  });

  /** Runs the background once, as each round of a worker does. @returns how the sweeps of this file's rows ended */
  async function sweepOnce(options: SetOptions = {}) {
    const outcomes: (string | undefined)[] = [];
    const { set } = deposits({ ...options, count: ({ outcome }) => void outcomes.push(outcome) });
    for (const work of set.background) await work.run(() => false);
    return outcomes;
  }

  test('asks a bounded number of times, and not before the attempts’ time is over', async () => {
    const { input, undo } = aDeposit('tok_ok');
    await store().open(input.key, {}, 1_000);
    await store().markUndone(undo.actionKey);
    await sweepOnce();
    expect(await rowOf(input.key)).toMatchObject({ sweeps: 0, sweepAt: null });
    await vi.waitFor(async () => {
      await sweepOnce({ sweepAfterMs: [1, 1] });
      expect((await rowOf(input.key)).settledAt).not.toBeNull();
    }, 5_000);
    expect(await rowOf(input.key)).toMatchObject({ sweeps: 3, state: 'intent' });
  });

  test('leaves to somebody what landed late and is refused, and is asked again where nobody answers', async () => {
    const { input, undo } = aDeposit('tok_refund_refused');
    await store().open(input.key, {}, 1);
    await store().markUndone(undo.actionKey);
    await chargeLate(input);
    await vi.waitFor(async () => expect(await sweepOnce({ url: 'http://127.0.0.1:9' })).toContain('failed'));
    expect(await rowOf(input.key)).toMatchObject({ sweeps: 0, settledAt: null });
    await bench.database.participantCall.update({ where: { key: input.key }, data: { sweepAt: new Date() } });
    await vi.waitFor(async () => expect(await sweepOnce()).toContain('refused'));
    expect(await rowOf(input.key)).toMatchObject({ state: 'done', undone: true, sweeps: 1 });
    expect((await totalsOf(input.orderId)).balance).toBe(1999);
  });

  test('leaves tombstones alone, and what is the saga’s own undoing', async () => {
    const tombstone = aDeposit('tok_ok');
    const refused = aDeposit('tok_refund_refused');
    const { take, giveBack } = deposits();
    await giveBack(tombstone.undo);
    await take(refused.input);
    expect((await failureOf(giveBack(refused.undo))).type).toBe('RequestRefused');
    await sweepOnce();
    expect(await rowOf(tombstone.input.key)).toMatchObject({ sweepAt: null, sweeps: 0, inputHash: null });
    expect(await rowOf(refused.input.key)).toMatchObject({ sweepAt: null, sweeps: 0, state: 'done' });
  });
});

test('however attempts and undoing interleave, once undone the far end holds nothing', async () => {
  const tokens = ['tok_ok', 'tok_lost_reply', 'tok_timeout_once', 'tok_slow_150', 'tok_slow_400', 'tok_flaky'];
  const delays = fc.integer({ min: 0, max: 400 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...tokens, 'tok_refund_lost_reply'),
      fc.array(delays, { minLength: 1, maxLength: 3 }),
      delays,
      async (token, starts, undoAt) => {
        const { input, undo } = aDeposit(token);
        const { take, giveBack } = deposits({ timeoutMs: 300, settleMs: 2_000 });
        const attempts = starts.map(async (start) => {
          await delay(start);
          await take(input).catch(() => undefined);
        });
        await delay(undoAt);
        await untilDone(() => giveBack(undo));
        await Promise.all(attempts);
        const { totals, entries } = await bench.sandbox.ledger(input.orderId);
        expect(totals.balance).toBe(0);
        expect(entries.filter(({ type }) => type === 'captured').length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 10 },
  );
}, 120_000);
