import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Behaviour, Behaviours } from '../support/behaviours.ts';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import type { RunningSaga } from '../support/running-saga.ts';
import { plannedSaga, type Plan, type PlannedKind } from './sagas/planned.saga.ts';

const OUT_OF_TIME = 'is out of its time';

/** What may happen to a step; more of the good than of the bad, or no saga would get far. */
const fates: readonly [weight: number, name: string, of: (it: Behaviours, saga: RunningSaga) => Behaviour][] = [
  [8, 'succeeds', (it) => it.succeeds()],
  [3, 'fails once', (it) => it.failsTimes(1)],
  [2, 'refuses', (it) => it.failsForGood('Refused')],
  [1, OUT_OF_TIME, (it) => it.neverSucceeds()],
  [1, 'is met by a cancel', (it, saga) => it.meanwhile(() => saga.isAskedToCancel())],
];
const undoFates: readonly [weight: number, name: string, of: (it: Behaviours) => Behaviour][] = [
  [5, 'succeeds', (it) => it.succeeds()],
  [2, 'fails once', (it) => it.failsTimes(1)],
];

const oneOf = <T>(choices: readonly (readonly [weight: number, name: string, of: T])[]) =>
  fc.oneof(
    ...choices.map(([weight, name, of]) => ({ weight, arbitrary: fc.constant({ name, of, toString: () => name }) })),
  );

const step = fc.record({
  kind: fc.constantFrom<PlannedKind>('remote', 'remote', 'local', 'optional with undo', 'optional without undo'),
  fate: oneOf(fates),
  undo: oneOf(undoFates),
});
const stages = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
type Sample = typeof stages extends fc.Arbitrary<infer Value> ? Value : never;

describe('any saga', () => {
  test('ends once, and either everything stands or everything begun is undone, last first', async () => {
    const samples = fc.sample(stages, { numRuns: RUNS, seed: SEED });
    const ended = await Promise.all(samples.map(runAndCheck));
    // A generator that only makes sagas of one kind would prove nothing.
    expect(new Set(ended)).toEqual(new Set(['completed', 'rejected', 'cancelled']));
  });
});

const RUNS = 60;
/** Said in the title of a failure, so that it can be run again. */
const SEED = 20_261_122;

async function runAndCheck(sample: Sample, index: number): Promise<string> {
  const named = sample.map((stage, row) => stage.map((one, column) => ({ ...one, name: `step-${row}-${column}` })));
  const plan: Plan = named.map((stage) =>
    stage.map(({ name, kind, fate }) => ({ name, kind, within: fate.name === OUT_OF_TIME ? '1 second' : '1 hour' })),
  );
  // The time-skipping server never ends an activity that fails after its cancel was requested.
  let set = given(plannedSaga).on('real');
  for (const { name, fate, undo } of named.flat()) {
    set = set.where(name, fate.of).where(`${name}.compensation`, undo.of);
  }
  let state = '';
  const told = named.map((stage) => stage.map(({ name, kind, fate }) => `${name} (${kind}) ${fate.name}`).join(' ∥ '));
  const story = `saga ${index} of seed ${SEED}: ${told.join(', then ')}`;
  await set.started({ ...aNewOrder(), plan }).then(async (saga) => {
    ({ state } = await saga.result());
    checkInvariants(saga, state, plan, story);
  });
  return state;
}

function checkInvariants(saga: RunningSaga, state: string, plan: Plan, story: string): void {
  const { row, farEnd } = saga;
  const opened = row.journey?.steps ?? [];
  const kinds = new Map(plan.flat().map(({ name, kind }) => [name, kind]));
  const undoable = opened.map(({ name }) => name).filter((name) => kinds.get(name) !== 'optional without undo');

  expect(row.outbox, `${story}: one outcome`).toHaveLength(1);
  expect(row.state, `${story}: the row says what the workflow says`).toBe(state);
  expect(saga.asked('actions'), `${story}: nobody is asked for a step that was not opened`).toSatisfy(
    (steps: string[]) => steps.every((name) => opened.some((one) => one.name === name)),
  );
  if (state === 'completed') {
    expect(saga.asked('compensations'), `${story}: nothing is undone`).toEqual([]);
    expect(
      opened.map(({ name }) => name),
      `${story}: every step was taken`,
    ).toEqual(plan.flat().map(({ name }) => name));
    return;
  }
  expect(saga.asked('compensations'), `${story}: undone in reverse`).toEqual(undoable.toReversed());
  expect(row.outbox[0]?.payload, story).toMatchObject({ compensated: undoable.toReversed(), skipped: [] });
  const firstUndo = farEnd.timeline.findIndex((event) => event.includes('.compensation'));
  const actionsAfter = farEnd.timeline.slice(firstUndo).filter((event) => /^step-\d+-\d+ /.test(event));
  if (firstUndo >= 0) expect(actionsAfter, `${story}: no action goes on while others are undone`).toEqual([]);
}
