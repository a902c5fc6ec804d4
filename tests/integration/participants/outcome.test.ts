import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SagaRef } from '../../../packages/sagaline/contracts/participants.ts';
import type { AbortCause, Journey, SagaState } from '../../../packages/sagaline/contracts/saga.ts';
import { failureOf, fresh, openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const cancel: AbortCause = { kind: 'cancel', reason: 'changed my mind', requestId: 'r-0' };
const deadline: AbortCause = { kind: 'deadline', reason: 'out of time' };
const journeyOf = (state: Journey['state'], cause?: AbortCause): Journey => ({
  state,
  steps: [],
  parked: [],
  ...(cause && { cause }),
});

function outcomesOf({ sagaId }: SagaRef) {
  const completed = {
    type: 'order.completed',
    payload: { orderId: sagaId, paymentId: 'ch_1', amount: 5, currency: 'EUR' },
  };
  const rolledBack = { orderId: sagaId, reason: 'PaymentDeclined', compensated: ['payment'], skipped: [] };
  return {
    completed,
    rejected: { type: 'order.rejected', payload: rolledBack },
    cancelled: { type: 'order.cancelled', payload: rolledBack },
  };
}

/** A saga as ingest leaves it: a row in state `running`. */
async function aRunningSaga(): Promise<SagaRef> {
  const sagaId = fresh('o');
  const workflowId = `orderSaga:${sagaId}`;
  await bench.database.saga.create({
    data: {
      workflowId,
      name: 'orderSaga',
      sagaId,
      state: 'running',
      eventId: sagaId,
      payloadHash: 'h',
      topic: 'order.created',
      partition: 1,
      offset: 7n,
    },
  });
  return { workflowId, sagaName: 'orderSaga', sagaId, traceparent };
}

const rowOf = ({ workflowId }: SagaRef) => bench.database.saga.findUniqueOrThrow({ where: { workflowId } });

/** Every claim that a saga can make, as functions of the saga. */
function claimsOf(saga: SagaRef) {
  const participants = bench.participants();
  const { completed, rejected, cancelled } = outcomesOf(saga);
  return {
    complete: () => participants['outcome.complete']({ saga, outcome: completed, journey: journeyOf('completed') }),
    cancel: () => participants['outcome.beginRollback']({ saga, cause: cancel }),
    deadline: () => participants['outcome.beginRollback']({ saga, cause: deadline }),
    reject: () =>
      participants['outcome.finishRollback']({
        saga,
        state: 'rejected',
        outcome: rejected,
        journey: journeyOf('rejected', deadline),
      }),
    cancelled: () =>
      participants['outcome.finishRollback']({
        saga,
        state: 'cancelled',
        outcome: cancelled,
        journey: journeyOf('cancelled', cancel),
      }),
  };
}

describe('claims', () => {
  test('completing writes state, journey and outcome together, and again changes nothing', async () => {
    const saga = await aRunningSaga();
    const { complete } = claimsOf(saga);
    expect(await complete()).toEqual({ state: 'completed' });
    const row = await rowOf(saga);
    expect(row).toMatchObject({ state: 'completed', journey: { state: 'completed' } });
    expect(row.closedAt).toBeInstanceOf(Date);
    expect(await complete()).toEqual({ state: 'completed' });
    expect(await rowOf(saga)).toEqual(row);
    expect(await bench.emitted(saga.sagaId)).toEqual([
      {
        type: 'order.completed',
        payload: outcomesOf(saga).completed.payload,
        eventId: `${saga.workflowId}:outcome`,
        workflowId: saga.workflowId,
        traceparent,
      },
    ]);
  });

  test('rolling back keeps the cause of the first claim, and ends in one outcome', async () => {
    const saga = await aRunningSaga();
    const { cancel: byCancel, deadline: byDeadline, cancelled, complete } = claimsOf(saga);
    expect(await byCancel()).toEqual({ state: 'rollingBack', cause: cancel });
    expect(await byDeadline()).toEqual({ state: 'rollingBack', cause: cancel });
    expect(await complete()).toEqual({ state: 'rollingBack', cause: cancel });
    expect((await rowOf(saga)).closedAt).toBeNull();
    expect(await bench.emitted(saga.sagaId)).toEqual([]);
    expect(await cancelled()).toEqual({ state: 'cancelled', cause: cancel });
    expect(await cancelled()).toEqual({ state: 'cancelled', cause: cancel });
    expect((await bench.emitted(saga.sagaId)).map(({ type }) => type)).toEqual(['order.cancelled']);
    expect((await rowOf(saga)).closedAt).not.toBeNull();
  });

  test('a cause and a journey with text that no database takes, which an earlier kernel sends, are stored all the same', async () => {
    const saga = await aRunningSaga();
    const participants = bench.participants();
    const cause: AbortCause = { kind: 'cancel', reason: 'a\u0000b ha\ud83d', requestId: 'r\u0000' };
    const stored = { kind: 'cancel', reason: 'a\uFFFDb ha\uFFFD', requestId: 'r\uFFFD' };
    expect(await participants['outcome.beginRollback']({ saga, cause })).toEqual({
      state: 'rollingBack',
      cause: stored,
    });
    const journey = journeyOf('rollingBack', cause);
    await participants['outcome.reportParked']({ saga, parked: [], journey });
    expect((await rowOf(saga)).journey).toMatchObject({ cause: stored });
  });

  test('a claim that lost changes nothing at all', async () => {
    const saga = await aRunningSaga();
    const { complete, cancel: byCancel, reject } = claimsOf(saga);
    await complete();
    const row = await rowOf(saga);
    expect(await byCancel()).toEqual({ state: 'completed' });
    expect(await reject()).toEqual({ state: 'completed' });
    expect(await rowOf(saga)).toEqual(row);
    expect((await bench.emitted(saga.sagaId)).map(({ type }) => type)).toEqual(['order.completed']);
  });

  test('of 20 different claims at once one wins, all get its answer, and an outcome is there if and only if it was completion', async () => {
    const winners = new Set<SagaState>();
    for (let round = 0; round < 10; round++) {
      const saga = await aRunningSaga();
      const { complete, cancel: byCancel, deadline: byDeadline } = claimsOf(saga);
      // Who is first in the queue changes from round to round, so that both ways to win are seen.
      const contenders = round % 2 === 0 ? [complete, byCancel, byDeadline] : [byDeadline, byCancel, complete];
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (contenders[index % 3] ?? complete)()),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      const { state } = await rowOf(saga);
      expect(answers[0]?.state).toBe(state);
      winners.add(state as SagaState);
      const events = (await bench.emitted(saga.sagaId)).map(({ type }) => type);
      expect(events).toEqual(state === 'completed' ? ['order.completed'] : []);
    }
    expect(winners).toEqual(new Set(['completed', 'rollingBack']));
  });

  test('any sequence of claims follows the state machine, and the outbox says what the row says', async () => {
    const names = ['complete', 'cancel', 'deadline', 'reject', 'cancelled'] as const;
    const next: Record<(typeof names)[number], (state: SagaState) => SagaState> = {
      complete: (state) => (state === 'running' ? 'completed' : state),
      cancel: (state) => (state === 'running' ? 'rollingBack' : state),
      deadline: (state) => (state === 'running' ? 'rollingBack' : state),
      reject: (state) => (state === 'rollingBack' ? 'rejected' : state),
      cancelled: (state) => (state === 'rollingBack' ? 'cancelled' : state),
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { maxLength: 8 }), async (sequence) => {
        const saga = await aRunningSaga();
        const claims = claimsOf(saga);
        let state: SagaState = 'running';
        for (const name of sequence) {
          state = next[name](state);
          expect((await claims[name]()).state).toBe(state);
        }
        const events = (await bench.emitted(saga.sagaId)).map(({ type }) => type);
        expect(events).toEqual(['completed', 'rejected', 'cancelled'].includes(state) ? [`order.${state}`] : []);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('a saga that was started by hand gets its row with its claim', async () => {
    const sagaId = fresh('o');
    const saga = { workflowId: `orderSaga:${sagaId}`, sagaName: 'orderSaga', sagaId };
    const { cancel: byCancel, cancelled } = claimsOf(saga);
    expect(await byCancel()).toEqual({ state: 'rollingBack', cause: cancel });
    expect(await cancelled()).toEqual({ state: 'cancelled', cause: cancel });
    expect(await rowOf(saga)).toMatchObject({ topic: 'manual', state: 'cancelled', name: 'orderSaga', sagaId });
    const other = { ...saga, workflowId: `orderSaga:${sagaId}-b`, sagaId: `${sagaId}-b` };
    expect(await claimsOf(other).complete()).toEqual({ state: 'completed' });
    expect((await bench.emitted(other.sagaId)).map(({ type }) => type)).toEqual(['order.completed']);
  });
});

test.each([
  {
    why: 'misses a field',
    outcome: { type: 'order.completed', payload: { orderId: 'o-1', amount: 5, currency: 'EUR' } },
    names: 'paymentId',
  },
  { why: 'is of no known type', outcome: { type: 'order.finished', payload: {} }, names: 'order.finished' },
])('an outcome that $why is retryable, and writes nothing', async ({ outcome, names }) => {
  const saga = await aRunningSaga();
  const before = await rowOf(saga);
  const call = bench.participants()['outcome.complete']({ saga, outcome, journey: journeyOf('completed') });
  const failure = await failureOf(call);
  expect(failure).toMatchObject({ type: 'InvalidOutcome', final: false });
  expect(failure.message).toContain(names);
  expect(await rowOf(saga)).toEqual(before);
  expect(await bench.emitted('o-1')).toEqual([]);
});

test('parked steps are visible on the row until they are resolved, and a late report does not reopen it', async () => {
  const saga = await aRunningSaga();
  const { 'outcome.reportParked': reportParked } = bench.participants();
  const { cancel: byCancel, cancelled } = claimsOf(saga);
  const report = (parked: string[]) =>
    reportParked({ saga, parked, journey: { ...journeyOf('parked', cancel), parked } });
  await byCancel();
  await report(['payment']);
  expect(await rowOf(saga)).toMatchObject({ state: 'rollingBack', parked: ['payment'], journey: { state: 'parked' } });
  await report([]);
  expect((await rowOf(saga)).parked).toEqual([]);
  await cancelled();
  await report(['payment']);
  expect(await rowOf(saga)).toMatchObject({ state: 'cancelled', parked: [], journey: { state: 'cancelled' } });
});

test('a cancel that came too late is answered once per request', async () => {
  const saga = await aRunningSaga();
  const { 'outcome.refuseCancel': refuseCancel } = bench.participants();
  const answer = {
    type: 'order.cancel-refused',
    payload: { orderId: saga.sagaId, reason: 'too late', state: 'completed' },
  };
  for (const requestId of ['r-1', 'r-1', 'r-2']) await refuseCancel({ saga, requestId, answer });
  expect((await bench.emitted(saga.sagaId)).map(({ eventId }) => eventId)).toEqual([
    `${saga.workflowId}:cancel-refused:r-1`,
    `${saga.workflowId}:cancel-refused:r-2`,
  ]);
});
