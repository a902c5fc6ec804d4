/** A step that waits for an operator, and cancels of every origin: whoever comes first, the saga comes to its end. */
import { WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import type { RunningSaga } from '../../packages/sagaline/testing/running-saga.ts';
import type { Resolution } from '../../packages/sagaline/contracts/saga.ts';
import { plannedSaga, type Plan } from './sagas/planned.saga.ts';

type Move = (saga: RunningSaga, step: string, action: Resolution['action']) => Promise<unknown>;

const moves = {
  'Temporal’s cancel': (saga) => saga.isCancelledInTemporal(),
  'a cancel event': (saga) => saga.isAskedToCancel('cancel-1'),
  'the operator’s word': (saga, step, action) => saga.operator().resolve(step, wordOf(action)),
} satisfies Record<string, Move>;
type MoveName = keyof typeof moves;
const NAMES = Object.keys(moves) as MoveName[];

const wordOf = (action: Resolution['action']): Resolution => ({
  ...{ action, by: 'ada', reason: 'given up', evidence: 'receipt 1' },
});

const remote = { name: 'charge', kind: 'remote', within: '1 hour' } as const;
const pivot = { name: 'capture', kind: 'pivot', within: '1 second' } as const;
const last = { name: 'ship', kind: 'retriable', within: '1 second' } as const;

/** Where a step can wait for an operator. */
const places: Record<string, { plan: Plan; parked: string; begin: (plan: Plan) => ReturnType<typeof given> }> = {
  'a refused undo': {
    plan: [[remote], [{ ...remote, name: 'refused' }]],
    parked: 'charge',
    begin: () =>
      given(plannedSaga)
        .where('refused', (it) => it.failsForGood('Refused'))
        .where('charge.compensation', (it) => it.isRefusedTimes(1)),
  },
  'a pivot out of its time': {
    plan: [[remote], [pivot], [last]],
    parked: 'capture',
    begin: () =>
      given(plannedSaga).where(
        'capture',
        (it, { farEnd }) =>
          (attempt) =>
            (farEnd.outcomeCalls.includes('reportParked') ? it.succeeds() : it.neverSucceeds())(attempt),
      ),
  },
  'a step after the pivot': {
    plan: [[remote], [pivot], [last]],
    parked: 'ship',
    begin: () => given(plannedSaga).where('ship', (it) => it.isRefusedTimes(1)),
  },
};

describe.concurrent('an operator’s word and cancels, in every order', () => {
  for (const [place, { plan, parked, begin }] of Object.entries(places)) {
    for (const action of ['retry', 'skip', 'done'] as const) {
      for (const order of permutations(NAMES)) {
        test(`at ${place}, ${action}: ${order.join(', ')}`, () =>
          begin(plan)
            .startedUnchecked({ ...aNewOrder(), plan })
            .expectParked(parked)
            .then(async (saga) => {
              for (const name of order) await moves[name](saga, parked, action).catch(unlessEnded);
              const { state } = await saga.result();
              const rolledBack =
                place === 'a refused undo' || (place === 'a pivot out of its time' && action === 'skip');
              expect(state).toBe(rolledBack ? 'rejected' : 'completed');
              expect(saga.row.outbox).toHaveLength(1);
              expect(saga.row.parked).toEqual([]);
              expect([...saga.row.refusals.keys()].sort()).toEqual(rolledBack ? [] : await cancelsOf(saga));
            }));
      }
    }
  }
});

function unlessEnded(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** Request ids of the cancels that reached it, sorted. The server takes Temporal's own of a saga that has ended, too, and drops it. */
async function cancelsOf(saga: RunningSaga): Promise<string[]> {
  const events = await saga.history();
  const signalled = events.some((event) => event.workflowExecutionSignaledEventAttributes);
  const inTemporal = events.some((event) => event.workflowExecutionCancelRequestedEventAttributes);
  return [...(signalled ? ['cancel-1'] : []), ...(inTemporal ? ['temporal'] : [])];
}

function permutations<T>(of: readonly T[]): T[][] {
  if (of.length < 2) return [[...of]];
  return of.flatMap((first) => permutations(of.filter((one) => one !== first)).map((rest) => [first, ...rest]));
}
