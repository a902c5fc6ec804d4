/** What sagas did once, today's workflows do again: the check behind kernel rule 13. */
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleSagas } from '../../packages/sagaline/temporal/bundle.ts';
import { app, sagas } from '../support/reference.ts';
import { quietLogger, quietRuntime } from '../../packages/sagaline/testing/quiet-runtime.ts';
import { waitingPointsOf } from '../../packages/sagaline/testing/replay/cut.ts';
import { readHistories } from '../../packages/sagaline/testing/replay/histories.ts';
import { replayEach, type Replayed } from '../../packages/sagaline/testing/replay/replayer.ts';
import { HISTORIES } from './support/corpus.ts';
import { lackingIn, outcomeNamed, outcomes } from './support/outcomes.ts';

const histories = await readHistories(HISTORIES);
const running = histories.flatMap(waitingPointsOf);
const replayed = new Map<string, Replayed>();

const MANY_REPLAYS_MS = 180_000;

beforeAll(async () => {
  quietRuntime();
  const bundle = await bundleSagas(app.sagas, quietLogger);
  for await (const one of replayEach(bundle, [...histories, ...running])) replayed.set(one.of.name, one);
}, MANY_REPLAYS_MS);

describe('the corpus', () => {
  test('has a history of every outcome', () => {
    const shown = new Set(histories.map(({ name }) => outcomeNamed(name)));
    expect(Object.keys(outcomes).filter((name) => !shown.has(outcomes[name]))).toEqual([]);
  });

  test('has a history of every saga', () => {
    const shown = new Set(histories.map(({ saga }) => saga));
    expect(sagas.filter(({ name }) => !shown.has(name))).toEqual([]);
  });

  test.for(histories.filter(({ name }) => outcomeNamed(name)))('$name shows what its name says', (history) => {
    const outcome = outcomeNamed(history.name);
    expect(outcome && lackingIn(history, outcome)).toEqual([]);
  });
});

describe('replays, from beginning to end', () => {
  test.for(histories)('$name', ({ name }) => {
    expect(replayed.get(name)).toMatchObject({ failure: undefined, of: { name } });
  });
});

describe('replays as far as it had come, while it waited', () => {
  test.for(running)('$name', ({ name }) => {
    expect(replayed.get(name)).toMatchObject({ failure: undefined, of: { name } });
  });
});
