/** Effects in our own database, and rollbacks that were never told of them: check and act are one, and the end takes all back. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applicationTables } from '../../../prisma/application.ts';
import { refuseUnlessSagaLetsAct } from '../../../packages/sagaline/participants/local/fence.ts';
import type { Journey, JourneyStep } from '../../../packages/sagaline/contracts/saga.ts';
import { failureOf, fresh, openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const cause = { kind: 'cancel', reason: 'ChangedMind', requestId: 'r-1' } as const;
const at = '2026-01-01T00:00:00.000Z';

function skipped(name: string): JourneyStep {
  const compensation = { state: 'skipped', startedAt: at, note: 'left as it is' } as const;
  return { name, kind: 'compensatable', state: 'done', startedAt: at, compensation };
}

/** A saga with or without a row, its participants, and what it may do. */
async function aSaga({ started }: { started: 'by an event' | 'by hand' }) {
  const sagaId = fresh('o');
  const workflowId = `orderSaga:${sagaId}`;
  const saga = { workflowId, sagaName: 'orderSaga', sagaId };
  const participants = bench.participants({ workflowId: () => workflowId });
  if (started === 'by an event') {
    const position = { eventId: sagaId, payloadHash: 'h', topic: 'order.created', partition: 0, offset: 0n };
    await bench.database.saga.create({
      data: { workflowId, name: 'orderSaga', sagaId, state: 'running', ...position },
    });
  }
  const fact = { subjectId: sagaId, fact: sagaId, amount: 5, currency: 'EUR' };
  const userId = `u-${sagaId}`;
  return {
    workflowId,
    userId,
    record: (step = 'analytics') => participants['analytics.record']({ ...fact, key: `${workflowId}/${step}` }),
    createProfile: () =>
      participants['profile.create']({
        userId,
        email: 'ada@customer.example',
        name: 'Ada',
        key: `${workflowId}/profile`,
      }),
    begin: () => participants['outcome.beginRollback']({ saga, cause }),
    complete: () =>
      participants['outcome.complete']({
        saga,
        outcome: { type: 'order.completed', payload: { orderId: sagaId, paymentId: 'p', amount: 5, currency: 'EUR' } },
        journey: { state: 'completed', steps: [], parked: [] },
      }),
    finish: (steps: JourneyStep[] = []) => {
      const journey: Journey = { state: 'cancelled', cause, steps, parked: [] };
      const payload = { orderId: sagaId, reason: 'ChangedMind', compensated: [], skipped: [] };
      const outcome = { type: 'order.cancelled', payload };
      return participants['outcome.finishRollback']({ saga, state: 'cancelled', outcome, journey });
    },
    /** Keys of facts that count, without the saga's name. */
    async standing() {
      const rows = await applicationTables(bench.database).analyticsFact.findMany({
        where: { workflowId, reversedAt: null },
      });
      return rows.map(({ key }) => key.slice(workflowId.length + 1)).sort();
    },
  };
}

/** Resolves when so many statements of this database wait for a lock. */
const lockedOut = (count: number) =>
  vi.waitFor(async () => {
    const [row] = await bench.database.$queryRaw<{ count: bigint }[]>`
      SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    expect(Number(row?.count)).toBe(count);
  }, 5_000);

const ways = [{ started: 'by an event' }, { started: 'by hand' }] as const;

describe.each(ways)('a saga that was started $started', (way) => {
  test('lets actions commit until it rolls back, and none after', async () => {
    const saga = await aSaga(way);
    await saga.record();
    await saga.begin();
    expect(await failureOf(saga.record('late'))).toMatchObject({ type: 'ActionUndone', final: true });
    expect(await failureOf(saga.createProfile())).toMatchObject({ type: 'ActionUndone', final: true });
    expect(await saga.standing()).toEqual(['analytics']);
    expect(await applicationTables(bench.database).profile.findUnique({ where: { userId: saga.userId } })).toBeNull();
    expect(await saga.finish()).toMatchObject({ state: 'cancelled' });
    expect(await failureOf(saga.record('later'))).toMatchObject({ type: 'ActionUndone', final: true });
    expect(await saga.standing()).toEqual([]);
  });

  test('takes back at its end what the kernel was never told of, with all personal data', async () => {
    const [saga, other] = [await aSaga(way), await aSaga(way)];
    await Promise.all([
      saga.record(),
      saga.record('second'),
      saga.createProfile(),
      other.record(),
      other.createProfile(),
    ]);
    await saga.begin();
    await saga.finish();
    expect(await saga.standing()).toEqual([]);
    expect(await other.standing()).toEqual(['analytics']);
    const profileOf = ({ userId }: { userId: string }) =>
      applicationTables(bench.database).profile.findUniqueOrThrow({ where: { userId } });
    expect(await profileOf(saga)).toMatchObject({ email: null, name: null, removedAt: expect.any(Date) as Date });
    expect(await profileOf(other)).toMatchObject({ name: 'Ada', removedAt: null });
  });

  test('leaves what an operator skipped, and takes back nothing when it has completed', async () => {
    const [saga, completed] = [await aSaga(way), await aSaga(way)];
    await Promise.all(['kept', 'kept/a', 'kept:b', 'kept-not', 'other'].map((step) => saga.record(step)));
    await saga.begin();
    await saga.finish([skipped('kept')]);
    expect(await saga.standing()).toEqual(['kept', 'kept/a', 'kept:b']);

    await completed.record();
    await completed.complete();
    expect(await completed.finish()).toEqual({ state: 'completed' });
    await completed.record();
    expect(await completed.standing()).toEqual(['analytics']);
  });

  test('begins its rollback when an action that is about to commit has: nothing falls in between', async () => {
    const saga = await aSaga(way);
    const { rollback } = await applicationTables(bench.database).$transaction(async (tx) => {
      await refuseUnlessSagaLetsAct(tx, saga.workflowId, 'k');
      await tx.analyticsFact.create({
        data: {
          key: `${saga.workflowId}/slow`,
          fact: 'slow',
          amount: 1n,
          currency: 'EUR',
          workflowId: saga.workflowId,
        },
      });
      const beginning = saga.begin();
      await lockedOut(1);
      return { rollback: beginning };
    });
    expect(await rollback).toMatchObject({ state: 'rollingBack' });
    expect(await saga.standing()).toEqual(['slow']);
    await saga.finish();
    expect(await saga.standing()).toEqual([]);
  });
});

test('an action that comes while a rollback is about to begin waits for it, and is refused', async () => {
  const saga = await aSaga({ started: 'by an event' });
  const { late } = await bench.database.$transaction(async (tx) => {
    await tx.saga.update({ where: { workflowId: saga.workflowId }, data: { state: 'rollingBack' } });
    const recording = failureOf(saga.record());
    await lockedOut(1);
    return { late: recording };
  });
  expect(await late).toMatchObject({ type: 'ActionUndone', final: true });
  expect(await saga.standing()).toEqual([]);
});

test('outside of any workflow there is nothing to ask', async () => {
  const { 'analytics.record': record } = bench.participants();
  await record({ subjectId: 'o-1', fact: 'by-hand', amount: 1, currency: 'EUR', key: fresh('k') });
});
