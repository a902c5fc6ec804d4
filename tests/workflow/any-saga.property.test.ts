import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Behaviour, Behaviours } from '../../packages/sagaline/testing/behaviours.ts';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import type { RunningSaga } from '../../packages/sagaline/testing/running-saga.ts';
import { plannedSaga, type Plan, type PlannedKind } from './sagas/planned.saga.ts';

const OUT_OF_TIME = 'is out of its time';

/** What may happen to a step; more of the good than of the bad, or no saga would get far. */
const fates: readonly [weight: number, name: string, of: (it: Behaviours, saga: RunningSaga) => Behaviour][] = [
  [8, 'succeeds', (it) => it.succeeds()],
  [3, 'fails once', (it) => it.failsTimes(1)],
  [2, 'refuses', (it) => it.failsForGood('Refused')],
  [1, 'meets our own outage', (it) => it.failsByOurOutageTimes(2)],
  [1, 'asks for another try at once', (it) => it.asksForAnotherTry(2, 0)],
  [1, OUT_OF_TIME, (it) => it.neverSucceeds()],
  [1, 'is met by a cancel', (it, saga) => it.meanwhile(() => saga.isAskedToCancel())],
  [1, 'is met by Temporal’s own cancel', (it, saga) => it.meanwhile(() => saga.isCancelledInTemporal())],
];
const undoFates: readonly [weight: number, name: string, of: (it: Behaviours, saga: RunningSaga) => Behaviour][] = [
  [5, 'succeeds', (it) => it.succeeds()],
  [2, 'fails once', (it) => it.failsTimes(1)],
  [2, 'parks', (it) => it.isRefusedTimes(1)],
  [
    1,
    'parks, cancelled in Temporal',
    (it, saga) => it.meanwhile(() => saga.isCancelledInTemporal(), it.isRefusedTimes(1)),
  ],
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
/** What happens to a saga while a step waits for an operator; the operator's word comes last, for it may end the saga. */
const parking = fc.record({
  moves: fc.shuffledSubarray(['cancel event', 'operator’s cancel', 'Temporal’s cancel'] as const),
  action: fc.constantFrom('retry', 'skip', 'done' as const),
});
const samples = fc.record({ stages, parking });
type Sample = typeof samples extends fc.Arbitrary<infer Value> ? Value : never;

describe('any saga', () => {
  test('ends once, and either everything stands or everything begun is undone, last first', async () => {
    const ended = await Promise.all(fc.sample(samples, { numRuns: RUNS, seed: SEED }).map(runAndCheck));
    // A generator that only makes sagas of one kind would prove nothing.
    expect(new Set(ended)).toEqual(new Set(['completed', 'rejected', 'cancelled']));
  });
});

const RUNS = 60;
/** Said in the title of a failure, so that it can be run again. */
const SEED = 20_261_122;

async function runAndCheck({ stages: sample, parking: parked }: Sample, index: number): Promise<string> {
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
  const story = `saga ${index} of seed ${SEED}: ${told.join(', then ')}; parked: ${JSON.stringify(parked)}`;
  await set.startedUnchecked({ ...aNewOrder(), plan }).then(async (saga) => {
    const ended = saga.result();
    await Promise.race([ended, resolveWhatParks(saga, parked)]);
    ({ state } = await ended);
    checkInvariants(saga, state, plan, story);
  });
  return state;
}

/** An operator who looks after the saga for as long as it runs. */
async function resolveWhatParks(saga: RunningSaga, { moves, action }: Sample['parking']): Promise<never> {
  for (;;) {
    await saga.farEnd.until(() => saga.row.parked.length > 0, 'a parked step, or the end', 60_000);
    const [step = ''] = saga.row.parked;
    for (const move of moves) {
      if (move === 'cancel event') await saga.isAskedToCancel('late');
      if (move === 'operator’s cancel') await saga.isCancelledByAnOperator();
      if (move === 'Temporal’s cancel') await saga.isCancelledInTemporal();
    }
    await saga.operator().resolve(step, { action, by: 'ada', reason: 'given up', evidence: 'receipt 1' });
    await saga.farEnd.until(() => !saga.row.parked.includes(step), `the report that ${step} is resolved`, 60_000);
  }
}

function checkInvariants(saga: RunningSaga, state: string, plan: Plan, story: string): void {
  const { row, farEnd } = saga;
  const opened = row.journey?.steps ?? [];
  const kinds = new Map(plan.flat().map(({ name, kind }) => [name, kind]));
  const undoable = opened.map(({ name }) => name).filter((name) => kinds.get(name) !== 'optional without undo');

  expect(row.outbox, `${story}: one outcome`).toHaveLength(1);
  expect(row.state, `${story}: the row says what the workflow says`).toBe(state);
  // Of local steps the kernel may not know: the server discards a task's markers when a cancel comes meanwhile (kernel rule 3).
  const remoteOnes = saga.asked('actions').filter((name) => kinds.get(name) !== 'local');
  expect(remoteOnes, `${story}: nobody is asked for a step that was not opened`).toSatisfy((steps: string[]) =>
    steps.every((name) => opened.some((one) => one.name === name)),
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
  const { compensated, skipped } = row.outbox[0]?.payload as { compensated: string[]; skipped: { step: string }[] };
  expect(
    [...compensated, ...skipped.map(({ step: name }) => name)].sort(),
    `${story}: every undo is accounted for`,
  ).toEqual(undoable.toSorted());
  expect(row.parked, `${story}: nothing waits any more`).toEqual([]);
  const firstUndo = farEnd.timeline.findIndex((event) => event.includes('.compensation'));
  const actionsAfter = farEnd.timeline.slice(firstUndo).filter((event) => /^step-\d+-\d+ /.test(event));
  if (firstUndo >= 0) expect(actionsAfter, `${story}: no action goes on while others are undone`).toEqual([]);
}
