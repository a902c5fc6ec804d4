/** What the fault matrix asserts can fail: sagas that did what none may do. */
import { expect, test } from 'vitest';
import { FarEnd } from '../../../packages/sagaline/testing/far-end.ts';
import { checkInvariants, type EndedSaga } from '../../../packages/sagaline/testing/invariants.ts';
import type { JourneyStep } from '../../../packages/sagaline/contracts/saga.ts';

interface Ended {
  readonly state: 'completed' | 'rejected';
  readonly steps: readonly string[];
  readonly undone: readonly string[];
  readonly compensated?: readonly string[];
  readonly outcomes?: number;
  readonly timeline?: readonly string[];
}

const rejected: Ended = { state: 'rejected', steps: ['stock', 'payment'], undone: ['payment', 'stock'] };
const completed: Ended = { state: 'completed', steps: ['stock', 'payment'], undone: [] };

function ended({ state, steps, undone, compensated = undone, outcomes = 1, timeline = [] }: Ended): EndedSaga {
  const farEnd = new FarEnd();
  farEnd.timeline.push(...timeline);
  farEnd.row.state = state;
  farEnd.row.outbox.push(...Array.from({ length: outcomes }, () => ({ type: 'trip.ended', payload: { compensated } })));
  const stepOf = (name: string): JourneyStep => ({ name, kind: 'compensatable', state: 'done', startedAt: '' });
  farEnd.row.journey = { state, steps: steps.map(stepOf), parked: [] };
  return {
    ...{ workflowId: 'tripSaga:t-1', farEnd, row: farEnd.row },
    asked: (what) => [...(what === 'actions' ? steps : undone)],
  };
}

const check =
  (saga: Ended, said: string = saga.state) =>
  () =>
    checkInvariants(ended(saga), 'payment fails for good', said, [saga.state]);

test('a saga that did as it should passes', () => {
  expect(check(rejected)).not.toThrow();
  expect(check(completed)).not.toThrow();
});

test.for([
  ['has two outcomes', { ...rejected, outcomes: 2 }, /there is one outcome/],
  ['has none', { ...completed, outcomes: 0 }, /there is one outcome/],
  ['undoes what it completed', { ...completed, undone: ['payment'] }, /what is done stays done/],
  ['undoes in the order of its steps', { ...rejected, undone: ['stock', 'payment'] }, /last first/],
  ['undoes what it had not begun', { ...rejected, undone: ['mail', 'payment', 'stock'] }, /not begun/],
  ['forgets to undo a step', { ...rejected, undone: ['stock'] }, /accounts for everything/],
  ['does not tell all that it undid', { ...rejected, compensated: ['stock'] }, /accounts for everything/],
  [
    'acts while it undoes',
    { ...rejected, timeline: ['stock.compensation begins', 'payment begins', 'payment ends'] },
    /no action goes on/,
  ],
] as const)('a saga that %s does not', ([, saga, message]) => {
  expect(check(saga)).toThrow(message);
});

test('a row and a workflow that say different things do not pass, nor does another ending', () => {
  expect(check(rejected, 'completed')).toThrow(/says what the workflow says/);
  expect(() => checkInvariants(ended(rejected), 'it is cancelled', 'rejected', ['cancelled'])).toThrow(
    /where it is cancelled: it should have ended as cancelled/,
  );
});
