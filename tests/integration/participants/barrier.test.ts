/** The barrier of an author's own participant (deposit.ts, which is the example of docs/participants.md), kernel rule 2. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { remoteParticipant } from '../../../packages/sagaline/node.ts';
import { participantsOf } from '../../support/participants.ts';
import { aDeposit, depositsOn, WENT_BACK } from './deposits.ts';
import { failureOf, openWorkbench, untilDone, type Workbench } from './workbench.ts';

let bench: Workbench;
let on: ReturnType<typeof depositsOn>;
beforeAll(async () => {
  bench = await openWorkbench();
  on = depositsOn(bench);
});
afterAll(() => bench.close());

describe('an action', () => {
  test('is done once, whatever the number of attempts, and says the same each time', async () => {
    const { input } = aDeposit('tok_ok');
    const { take } = on.deposits();
    const answers = [await take(input), await take(input), await take(input)];
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect((await bench.sandbox.ledger(input.orderId)).entries).toHaveLength(1);
    expect(await on.rowOf(input.key)).toMatchObject({
      ...{ call: 'deposit.deposit', state: 'done', undone: false, workflowId: 'tripSaga:t-1' },
      answer: answers[0],
    });
    // A far end that cannot be reached shows that what is known comes from our own row.
    expect(await on.deposits({ url: 'http://127.0.0.1:9' }).take(input)).toEqual(answers[0]);
  });

  test('is done once when attempts overlap: who comes while the far end is at it asks again', async () => {
    const { input } = aDeposit('tok_slow_100');
    const { take } = on.deposits();
    const answers = await Promise.all([1, 2, 3].map(() => untilDone(() => take(input))));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect((await on.totalsOf(input.orderId)).captured).toBe(1999);
  });

  test('is asked about when its reply was lost', async () => {
    const { input } = aDeposit('tok_lost_reply');
    const { take } = on.deposits();
    expect(await failureOf(take(input))).toMatchObject({ type: 'NoUsableAnswer', final: false });
    const { id } = await take(input);
    expect((await bench.sandbox.ledger(input.orderId)).entries.map(({ chargeId }) => chargeId)).toEqual([id]);
  });

  test.each(['tok_declined', 'tok_unknown'])('that is refused (%s) leaves nothing open', async (token) => {
    const { input, undo } = aDeposit(token);
    const { take, giveBack } = on.deposits();
    expect(await failureOf(take(input))).toMatchObject({ type: 'RequestRefused', final: true });
    expect(await giveBack(undo)).toEqual({ undone: false });
  });

  test('is refused under a key that stands for other input, or for another call', async () => {
    const { input, undo } = aDeposit('tok_ok');
    const { take } = on.deposits();
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
    expect(await on.rowOf(input.key)).toMatchObject({ undone: false });
    expect(await take(input)).toEqual(first);
  });
});

describe('an undoing', () => {
  test('is done once, and says so each time', async () => {
    const { input, undo } = aDeposit('tok_ok');
    const { take, giveBack } = on.deposits();
    await take(input);
    const undone = await Promise.all([1, 2].map(() => untilDone(() => giveBack(undo))));
    expect([...undone, await giveBack(undo)]).toEqual([{ undone: true }, { undone: true }, { undone: true }]);
    expect(await on.totalsOf(input.orderId)).toEqual(WENT_BACK);
  });

  test('whose reply was lost is done once', async () => {
    const { input, undo } = aDeposit('tok_refund_lost_reply');
    const { take, giveBack } = on.deposits();
    await take(input);
    expect((await failureOf(giveBack(undo))).type).toBe('NoUsableAnswer');
    expect(await giveBack(undo)).toEqual({ undone: true });
    expect(await on.totalsOf(input.orderId)).toEqual(WENT_BACK);
  });

  test('that is refused is final, and succeeds for the operator who asks again', async () => {
    const { input, undo } = aDeposit('tok_refund_refused');
    const { take, giveBack } = on.deposits();
    await take(input);
    expect(await failureOf(giveBack(undo))).toMatchObject({ type: 'RequestRefused', final: true });
    await bench.sandbox.allowRefunds(input.orderId);
    expect(await giveBack(undo)).toEqual({ undone: true });
  });

  test('before its action (null compensation) leaves a tombstone: the action does nothing (hanging action)', async () => {
    const { input, undo } = aDeposit('tok_ok');
    const { take, giveBack } = on.deposits();
    expect(await giveBack(undo)).toEqual({ undone: false });
    expect(await failureOf(take(input))).toMatchObject({ type: 'ActionUndone', final: true });
    expect((await bench.sandbox.ledger(input.orderId)).entries).toEqual([]);
    expect(await giveBack(undo)).toEqual({ undone: false });
  });

  test('after which its action comes once more is not undone by it', async () => {
    const { input, undo } = aDeposit('tok_ok');
    const { take, giveBack } = on.deposits();
    await take(input);
    await giveBack(undo);
    expect(await failureOf(take(input))).toMatchObject({ type: 'ActionUndone', final: true });
    expect(await on.totalsOf(input.orderId)).toEqual(WENT_BACK);
  });

  test('during its action waits for it, and the action takes back what it did', async () => {
    const { input, undo } = aDeposit('tok_slow_2000');
    const { take, giveBack } = on.deposits();
    const taking = failureOf(take(input));
    await vi.waitFor(() => on.rowOf(input.key), 2_000);
    const early = await failureOf(giveBack(undo));
    expect(early).toMatchObject({ type: 'CallStillOpen', final: false });
    expect(early.retryAfterMs).toBeGreaterThan(0);
    expect(await taking).toMatchObject({ type: 'ActionUndone', final: true });
    expect(await on.totalsOf(input.orderId)).toEqual(WENT_BACK);
    expect(await giveBack(undo)).toEqual({ undone: true });
  });

  test('of an attempt that nobody heard of asks until its time is over, and finds what it did', async () => {
    const { input, undo } = aDeposit('tok_slow_3000');
    const { take, giveBack } = on.deposits({ timeoutMs: 300, settleMs: 6_000 });
    expect((await failureOf(take(input))).type).toBe('NoUsableAnswer');
    await vi.waitFor(async () => {
      const again = await failureOf(take(input));
      expect(again).toMatchObject({ type: 'NoUsableAnswer', final: false });
      expect(again.message).toContain('HTTP 409');
    }, 2_500);
    expect((await failureOf(giveBack(undo))).type).toBe('CallStillOpen');
    expect(await untilDone(() => giveBack(undo))).toEqual({ undone: true });
    expect(await on.totalsOf(input.orderId)).toEqual(WENT_BACK);
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
    expect(await on.rowOf(input.key)).toMatchObject({ state: 'intent', answer: null });
    await on.deposits().take(input);
    expect((await bench.sandbox.ledger(input.orderId)).entries).toHaveLength(1);
  });

  test('between far end and answer: the next attempt finds that very deposit', async () => {
    const { input } = aDeposit('tok_ok');
    expect(await dieIn('deposit.take', 'deposit.deposit.after-do', input)).toBe('SIGKILL');
    expect(await on.rowOf(input.key)).toMatchObject({ state: 'intent', answer: null });
    const { id } = await on.deposits().take(input);
    expect((await bench.sandbox.ledger(input.orderId)).entries).toMatchObject([{ type: 'captured', chargeId: id }]);
  });

  test('between far end and answer, and then an undoing: what was done goes back', async () => {
    const { input, undo } = aDeposit('tok_ok');
    expect(await dieIn('deposit.take', 'deposit.deposit.after-do', input)).toBe('SIGKILL');
    expect(await on.deposits().giveBack(undo)).toEqual({ undone: true });
    expect(await on.totalsOf(input.orderId)).toEqual(WENT_BACK);
  });

  test('after the far end took it back: the next attempt takes nothing back again', async () => {
    const { input, undo } = aDeposit('tok_ok');
    await on.deposits().take(input);
    expect(await dieIn('deposit.giveBack', 'deposit.deposit.after-undo', undo)).toBe('SIGKILL');
    expect(await on.rowOf(input.key)).toMatchObject({ state: 'done', undone: true });
    expect(await on.deposits().giveBack(undo)).toEqual({ undone: true });
    expect(await on.totalsOf(input.orderId)).toEqual(WENT_BACK);
  });
});
