/** What lands at a far end when nobody waits for it any more, and however a barrier's calls interleave, kernel rule 2. */
import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startBackground } from '../../../packages/sagaline/process/background-part.ts';
import { silent } from '../../support/kafka.ts';
import { aDeposit, depositsOn, WENT_BACK, type DepositOptions } from './deposits.ts';
import { failureOf, openWorkbench, untilDone, type Workbench } from './workbench.ts';

let bench: Workbench;
let on: ReturnType<typeof depositsOn>;
beforeAll(async () => {
  bench = await openWorkbench();
  on = depositsOn(bench);
});
afterAll(() => bench.close());

describe('the sweep, which the engine runs in the background', () => {
  test('takes back what landed after the undoing had found nothing, once, however many sweep', async () => {
    const { input, undo } = aDeposit('tok_slow_1800');
    const { take, giveBack } = on.deposits({ timeoutMs: 100, settleMs: 0 });
    expect((await failureOf(take(input))).type).toBe('NoUsableAnswer');
    expect(await untilDone(() => giveBack(undo))).toEqual({ undone: false });

    const count = vi.fn<(labels: Readonly<Record<string, string>>) => void>();
    const sweepAfterMs = Array<number>(100).fill(100);
    const sweepers = [1, 2, 3].flatMap(() =>
      on
        .deposits({ sweepAfterMs, sweepEveryMs: 20, count })
        .set.background.map((work) => startBackground(work, silent)),
    );
    expect(sweepers).toHaveLength(3);
    await vi.waitFor(async () => expect((await on.rowOf(input.key)).state).toBe('undone'), { timeout: 10_000 });
    await Promise.all(sweepers.map((sweeper) => sweeper.close()));
    expect(await on.totalsOf(input.orderId)).toEqual(WENT_BACK);
    const about = { participant: 'deposit', call: 'deposit' };
    expect(count.mock.calls.filter(([{ outcome }]) => outcome === 'returned')).toEqual([
      [{ ...about, outcome: 'returned' }],
    ]);
    expect(count).toHaveBeenCalledWith({ ...about, outcome: 'nothing' });
  });

  /** Runs the background once, as each round of a worker does. @returns how the sweeps of this file's rows ended */
  async function sweepOnce(options: DepositOptions = {}) {
    const outcomes: (string | undefined)[] = [];
    const { set } = on.deposits({ ...options, count: ({ outcome }) => void outcomes.push(outcome) });
    for (const work of set.background) await work.run(() => false);
    return outcomes;
  }

  test('asks a bounded number of times, and not before the attempts’ time is over', async () => {
    const { input, undo } = aDeposit('tok_ok');
    await on.store().open(input.key, {}, 1_000);
    await on.store().markUndone(undo.actionKey, {});
    await sweepOnce();
    expect(await on.rowOf(input.key)).toMatchObject({ sweeps: 0, sweepAt: null });
    await vi.waitFor(async () => {
      await sweepOnce({ sweepAfterMs: [1, 1] });
      expect((await on.rowOf(input.key)).settledAt).not.toBeNull();
    }, 5_000);
    expect(await on.rowOf(input.key)).toMatchObject({ sweeps: 3, state: 'intent' });
  });

  test('leaves to somebody what landed late and is refused, and is asked again where nobody answers', async () => {
    const { input, undo } = aDeposit('tok_refund_refused');
    await on.store().open(input.key, {}, 1);
    await on.store().markUndone(undo.actionKey, {});
    await on.chargeLate(input);
    await vi.waitFor(async () => expect(await sweepOnce({ url: 'http://127.0.0.1:9' })).toContain('failed'));
    expect(await on.rowOf(input.key)).toMatchObject({ sweeps: 0, settledAt: null });
    await bench.database.participantCall.update({ where: { key: input.key }, data: { sweepAt: new Date() } });
    await vi.waitFor(async () => expect(await sweepOnce()).toContain('refused'));
    expect(await on.rowOf(input.key)).toMatchObject({ state: 'done', undone: true, sweeps: 1 });
    expect((await on.totalsOf(input.orderId)).balance).toBe(1999);
  });

  test('leaves tombstones alone, and what is the saga’s own undoing', async () => {
    const tombstone = aDeposit('tok_ok');
    const refused = aDeposit('tok_refund_refused');
    const { take, giveBack } = on.deposits();
    await giveBack(tombstone.undo);
    await take(refused.input);
    expect((await failureOf(giveBack(refused.undo))).type).toBe('RequestRefused');
    await sweepOnce();
    expect(await on.rowOf(tombstone.input.key)).toMatchObject({ sweepAt: null, sweeps: 0, inputHash: null });
    expect(await on.rowOf(refused.input.key)).toMatchObject({ sweepAt: null, sweeps: 0, state: 'done' });
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
        const { take, giveBack } = on.deposits({ timeoutMs: 300, settleMs: 2_000 });
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
