/** The check can fail: a careless change of a saga in flight is seen, and a harmless one is not complained of. */
import type { WorkflowBundleOption } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { quietRuntime } from '../../packages/sagaline/testing/quiet-runtime.ts';
import { waitingPointsOf } from '../../packages/sagaline/testing/replay/cut.ts';
import { readHistories, type NamedHistory } from '../../packages/sagaline/testing/replay/histories.ts';
import { replayEach, type ReplayFailure } from '../../packages/sagaline/testing/replay/replayer.ts';
import { bundleWithEdit } from './support/changed-workflows.ts';
import { HISTORIES } from './support/corpus.ts';

quietRuntime();
const histories = await readHistories(HISTORIES);
const names = histories.map(({ name }) => name);
const BUNDLE_AND_REPLAY_MS = 120_000;

/** Payment, then notification beside analytics, the other way round. */
function swapSteps(source: string): string {
  const steps =
    /( {4}const \{ paymentId \} = await saga\.compensatable\('payment'.*?\n {4}\}\);\n)\n( {4}await saga\.parallel\(.*?\n {4}\);\n)/s;
  return source.replace(steps, '$2\n$1');
}

/** Every history in which orderSaga came as far as its first step. */
const withSteps = names.filter((name) => name.startsWith('orderSaga-') && !name.includes('cancelled-before-start'));

describe('a change of orderSaga', () => {
  test(
    'that swaps two steps is a determinism violation for every order that had begun',
    async () => {
      const swapped = await bundleWithEdit('order.saga.ts', swapSteps);
      const failures = await failuresOf(swapped, histories);
      expect([...failures.keys()]).toEqual(withSteps);
      expect([...failures.values()].map(({ kind }) => kind)).toEqual(withSteps.map(() => 'determinism violation'));
      expect(failures.get('orderSaga-completed')).toMatchObject({
        where: expect.stringMatching(/^event \d+, ActivityTaskScheduled payment$/) as string,
        message: expect.stringContaining("does not match activity id of activity command 'notification'") as string,
      });

      const waiting = histories.filter(({ name }) => name === 'orderSaga-completed').flatMap(waitingPointsOf);
      expect(waiting.length).toBeGreaterThan(0);
      expect([...(await failuresOf(swapped, waiting)).keys()]).toEqual(waiting.map(({ name }) => name));
    },
    BUNDLE_AND_REPLAY_MS,
  );

  test(
    'that renames a step is one, too',
    async () => {
      const renamed = await bundleWithEdit('order.saga.ts', (source) =>
        source.replace("compensatable('payment'", "compensatable('charge'"),
      );
      const failures = await failuresOf(renamed, histories);
      expect([...failures.keys()]).toEqual(withSteps);
    },
    BUNDLE_AND_REPLAY_MS,
  );

  test(
    'that renames a step behind `patched` is none: what is in flight keeps the old name',
    async () => {
      const patched = await bundleWithEdit('order.saga.ts', (source) =>
        source
          .replace(
            "saga.compensatable('payment'",
            "saga.compensatable(patched('charge-for-payment') ? 'charge' : 'payment'",
          )
          .replace('import { defineSaga', "import { patched } from '@temporalio/workflow';\nimport { defineSaga"),
      );
      expect(await failuresOf(patched, histories)).toEqual(new Map());
    },
    BUNDLE_AND_REPLAY_MS,
  );

  test(
    'that throws is told with its line',
    async () => {
      const broken = await bundleWithEdit('order.saga.ts', (source) =>
        source.replace('async run(order, saga) {', "async run(order, saga) { if (order) throw new TypeError('a bug');"),
      );
      const failures = await failuresOf(broken, histories);
      expect([...failures.keys()]).toEqual(withSteps);
      expect(failures.get('orderSaga-completed')).toMatchObject({
        kind: 'broken',
        message: 'a bug',
        where: expect.stringMatching(/order\.saga\.ts:\d+$/) as string,
      });
    },
    BUNDLE_AND_REPLAY_MS,
  );

  test(
    'that only says it in other words is none',
    async () => {
      const reworded = await bundleWithEdit('order.saga.ts', (source) => source.replace('`charge ', '`take '));
      expect(await failuresOf(reworded, histories)).toEqual(new Map());
    },
    BUNDLE_AND_REPLAY_MS,
  );
});

async function failuresOf(bundle: WorkflowBundleOption, all: readonly NamedHistory[]) {
  const failures = new Map<string, ReplayFailure>();
  let count = 0;
  for await (const { of, failure } of replayEach(bundle, all)) {
    count += 1;
    if (failure) failures.set(of.name, failure);
  }
  expect(count).toBe(all.length);
  return failures;
}
