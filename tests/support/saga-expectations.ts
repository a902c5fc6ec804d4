import { expect } from 'vitest';
import type { OutcomeEvent } from '../../packages/sagaline/contracts/participants.ts';
import type { RunningSaga } from './running-saga.ts';

/**
 * What a test expects of a saga, one after the other; awaitable. Each expectation waits for what it is about: an outcome for the
 * end, a parked step for its report.
 */
export class SagaExpectations {
  private readonly saga: Promise<RunningSaga>;

  constructor(saga: Promise<RunningSaga>) {
    this.saga = saga;
  }

  /** Goes on with what the test does; it ends with the saga, whatever that returned. */
  then(
    does?: ((saga: RunningSaga) => unknown) | null,
    otherwise?: ((reason: unknown) => unknown) | null,
  ): SagaExpectations {
    const next = this.saga.then(
      does
        ? async (saga) => {
            await does(saga);
            return saga;
          }
        : undefined,
      otherwise as ((reason: unknown) => never) | undefined,
    );
    return new SagaExpectations(next);
  }

  /** It ends, opened these steps in this order, and asked a participant for each. */
  expectSteps(...steps: string[]): SagaExpectations {
    return this.then(async (saga) => {
      await saga.result();
      expect(saga.row.journey?.steps.map(({ name }) => name)).toEqual(steps);
      expect(saga.asked('actions').sort()).toEqual(steps.toSorted());
    });
  }

  /** It ends, and undid these steps in this order. */
  expectCompensations(...steps: string[]): SagaExpectations {
    return this.then(async (saga) => {
      await saga.result();
      expect(saga.asked('compensations')).toEqual(steps);
    });
  }

  /** So far, nothing was undone, and nobody meant to; after `expectOutcome`, nothing was. */
  expectNoCompensations(): SagaExpectations {
    return this.expectNoRefund().then((saga) => expect(saga.farEnd.outcomeCalls).not.toContain('beginRollback'));
  }

  /** Nothing was undone, whatever was claimed. */
  expectNoRefund(): SagaExpectations {
    return this.then((saga) => expect(saga.asked('compensations')).toEqual([]));
  }

  /** It ends with this one outcome and no other, and the workflow's result says the same. */
  expectOutcome(type: string, payload: object = {}): SagaExpectations {
    return this.then(async (saga) => {
      await saga.letTimePass();
      const result = await saga.result();
      expect(saga.row.outbox).toEqual([{ type, payload: expect.objectContaining(payload) as unknown }]);
      if (result.outcome) expect(saga.row.outbox).toEqual([result.outcome]);
      expect(saga.row.state).toBe(result.state);
      const { status } = await saga.handle.describe();
      expect(status.name).toBe('COMPLETED');
    });
  }

  /** It ends without having said anything that had not been said. */
  expectNoOutcomeOfItsOwn(): SagaExpectations {
    return this.then(async (saga) => {
      await saga.result();
      expect(saga.row.outbox).toEqual([]);
    });
  }

  /** It waits for an operator at these steps, and has no outcome. */
  expectParked(...steps: string[]): SagaExpectations {
    return this.then(async (saga) => {
      await saga.farEnd.until(() => saga.row.parked.join() === steps.join(), `parked steps ${steps.join()}`);
      expect(saga.row.outbox).toEqual([]);
      expect((await saga.handle.describe()).status.name).toBe('RUNNING');
    });
  }

  /** Its code failed a workflow task, and the saga is where it was: nothing undone, nothing said, a deploy goes on. */
  expectStillRunning(bug: RegExp = /./): SagaExpectations {
    return this.then(async (saga) => {
      expect(await saga.failedTasks()).toContainEqual(expect.stringMatching(bug));
      expect((await saga.handle.describe()).status.name).toBe('RUNNING');
      expect(saga.row).toMatchObject({ state: 'running', outbox: [] });
    });
  }

  /** A cancel came too late, and was told so once. */
  expectCancelRefused(requestId: string, answer: OutcomeEvent): SagaExpectations {
    return this.then(async (saga) => {
      await saga.result();
      expect([...saga.row.refusals]).toEqual([[requestId, answer]]);
    });
  }

  /** What happened at the far end, in this order, whatever else happened in between. */
  expectInOrder(...events: string[]): SagaExpectations {
    return this.then(({ farEnd: { timeline } }) => {
      expect(timeline.filter((event) => events.includes(event))).toEqual(events);
    });
  }

  /** Number of attempts at each of these steps. */
  expectAttempts(attempts: Readonly<Record<string, number>>): SagaExpectations {
    return this.then((saga) => {
      const made = Object.fromEntries(Object.keys(attempts).map((step) => [step, saga.attemptsAt(step)]));
      expect(made).toEqual(attempts);
    });
  }
}
