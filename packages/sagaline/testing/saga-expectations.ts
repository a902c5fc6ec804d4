import { isDeepStrictEqual } from 'node:util';
import type { EventValue, PayloadOf } from '../contracts/event.ts';
import type { OutcomeEvent } from '../contracts/participants.ts';
import { assertEqual, assertHas, fail } from './assertions.ts';
import { refuseUnknownSteps } from './known-steps.ts';
import { recordOnce } from './replay/record.ts';
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
    return this.atItsEnd((saga) => {
      const opened = saga.row.journey?.steps.map(({ name }) => name);
      assertEqual(opened, steps, `${saga.workflowId} opened the steps ${opened?.join(', ') ?? '(none)'}`);
      const asked = saga.asked('actions');
      assertEqual(asked.toSorted(), steps.toSorted(), `${saga.workflowId} asked participants for ${asked.join(', ')}`);
    });
  }

  /** It ends, and undid these steps in this order. */
  expectCompensations(...steps: string[]): SagaExpectations {
    return this.atItsEnd((saga) => assertUndone(saga, steps));
  }

  /** So far, nothing was undone, and nobody meant to; after `expectOutcome`, nothing was. */
  expectNoCompensations(): SagaExpectations {
    return this.expectNoRefund().then((saga) => {
      if (saga.farEnd.outcomeCalls.includes('beginRollback')) fail(`${saga.workflowId} meant to turn around`);
    });
  }

  /** Nothing was undone, whatever was claimed. */
  expectNoRefund(): SagaExpectations {
    return this.then((saga) => assertUndone(saga, []));
  }

  /**
   * It ends with this one outcome and no other, and the workflow's result says the same.
   *
   * @param payload fields of the outcome that the test is about; `reason`, `step`, `compensated` and `skipped` are the kernel's
   */
  expectOutcome<E extends EventValue>(event: E, payload?: Partial<PayloadOf<E>>): SagaExpectations;
  expectOutcome(type: string, payload?: object): SagaExpectations;
  expectOutcome(event: EventValue | string, payload: object = {}): SagaExpectations {
    const type = typeof event === 'string' ? event : event.type;
    return this.then((saga) => saga.letTimePass()).atItsEnd(async (saga) => {
      const { outbox, state } = saga.row;
      const result = await saga.result();
      const said = `${saga.workflowId} ended with ${outbox.map(told).join(' and ') || 'no outcome'}${wayOf(saga)}`;
      assertEqual(
        outbox.map((outcome) => outcome.type),
        [type],
        said,
      );
      assertHas(outbox[0]?.payload, payload, said);
      if (result.outcome)
        assertEqual(result.outcome, outbox[0], `the workflow's result is another outcome than the row's`);
      assertEqual(state, result.state, 'the saga row says another state than the workflow');
      assertEqual((await saga.handle.describe()).status.name, 'COMPLETED', 'the state of the workflow');
    });
  }

  /** It ends without having said anything that had not been said. */
  expectNoOutcomeOfItsOwn(): SagaExpectations {
    return this.atItsEnd(({ row, workflowId }) => assertEqual(row.outbox, [], `${workflowId} said an outcome`));
  }

  /** It waits for an operator at these steps, and has no outcome. */
  expectParked(...steps: string[]): SagaExpectations {
    return this.then(async (saga) => {
      const parked = saga.farEnd.until(() => isDeepStrictEqual(saga.row.parked, steps), `parked steps ${steps.join()}`);
      await Promise.race([parked, saga.result()]);
      await refuseUnknownSteps(saga);
      assertEqual(
        saga.row.outbox.map(told),
        [],
        `${saga.workflowId} has an outcome, and is parked nowhere${wayOf(saga)}`,
      );
      assertEqual((await saga.handle.describe()).status.name, 'RUNNING', 'the state of the workflow');
    });
  }

  /** Its code failed a workflow task, and the saga is where it was: nothing undone, nothing said, a deploy goes on. */
  expectStillRunning(bug: RegExp = /./): SagaExpectations {
    return this.then(async (saga) => {
      const bugs = await saga.failedTasks();
      if (!bugs.some((message) => bug.test(message))) fail('its code failed in another way', bugs, bug);
      assertEqual((await saga.handle.describe()).status.name, 'RUNNING', 'the state of the workflow');
      assertHas(saga.row, { state: 'running', outbox: [] }, 'what the saga row says');
    });
  }

  /** A cancel came too late, and was told so once. */
  expectCancelRefused(requestId: string, answer: OutcomeEvent): SagaExpectations {
    return this.atItsEnd(({ row, workflowId }) =>
      assertEqual([...row.refusals], [[requestId, answer]], `what ${workflowId} answered to cancels`),
    );
  }

  /** What happened at the far end, in this order, whatever else happened in between. */
  expectInOrder(...events: string[]): SagaExpectations {
    return this.then(({ farEnd: { timeline }, workflowId }) => {
      const happened = timeline.filter((event) => events.includes(event));
      assertEqual(happened, events, `what happened to ${workflowId} was: ${timeline.join(', ')}`);
    });
  }

  /** Number of attempts at each of these steps. */
  expectAttempts(attempts: Readonly<Record<string, number>>): SagaExpectations {
    return this.then((saga) => {
      const made = Object.fromEntries(Object.keys(attempts).map((step) => [step, saga.attemptsAt(step)]));
      assertEqual(made, attempts, `attempts at steps of ${saga.workflowId}`);
    });
  }

  /**
   * Adds its history, as far as it has come, to a folder of histories, under this name, where there is none of that name yet.
   * Commit the file: from then on `replay` holds every change of the saga against it. Synthetic data only.
   *
   * @throws PersonalData, InvalidName
   */
  recordedAs(name: string, histories: URL): SagaExpectations {
    return this.then(async (saga) => recordOnce(name, await saga.fetchHistory(), histories));
  }

  private atItsEnd(does: (saga: RunningSaga) => unknown): SagaExpectations {
    return this.then(async (saga) => {
      await saga.result();
      await refuseUnknownSteps(saga);
      await does(saga);
    });
  }
}

function assertUndone(saga: RunningSaga, steps: readonly string[]): void {
  const undone = saga.asked('compensations');
  assertEqual(undone, steps, `${saga.workflowId} undid ${undone.join(', ') || 'nothing'}${wayOf(saga)}`);
}

const told = ({ type, payload }: OutcomeEvent): string => `${type} ${JSON.stringify(payload)}`;

/** How it came to that, in a line. */
function wayOf({ row: { journey } }: RunningSaga): string {
  const steps = journey?.steps.map(({ name, state, failure }) => `${name} ${failure ?? state}`) ?? [];
  return steps.length > 0 ? `; its steps: ${steps.join(', ')}` : '';
}
