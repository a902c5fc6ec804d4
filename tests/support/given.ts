/**
 * Workflow tests that read as a specification: given a saga, where a participant does this, started with that event, expect …
 *
 * @example
 * given(orderSaga)
 *   .where('payment', (it) => it.failsForGood('PaymentDeclined'))
 *   .started(anOrder())
 *   .expectOutcome('order.rejected', { reason: 'PaymentDeclined' });
 */
import { afterAll } from 'vitest';
import type { SagaInput } from '../../packages/sagaline/contracts/saga.ts';
import type { SagaWorkflow } from '../../packages/sagaline/kernel/definition.ts';
import { behaviours, type Behaviour, type Behaviours } from './behaviours.ts';
import { RunningSaga } from './running-saga.ts';
import { SagaExpectations } from './saga-expectations.ts';
import type { SagaRow } from './saga-row.ts';
import { startWorkflowEnvironment, type ServerKind, type WorkflowEnvironment } from './workflow-environment.ts';

const started: Promise<WorkflowEnvironment>[] = [];
let shared: Promise<WorkflowEnvironment> | undefined;

/**
 * The file's real server, or a time-skipping one of the caller's own: that kind has one clock for all that runs on it, so that a
 * saga which hangs would hold up the time of every other one, and one that waits for days would take the others' time-outs along.
 */
function environmentOf(kind: ServerKind): Promise<WorkflowEnvironment> {
  if (kind === 'time-skipping') return own(startWorkflowEnvironment(kind));
  return (shared ??= own(startWorkflowEnvironment(kind)));
}

function own(environment: Promise<WorkflowEnvironment>): Promise<WorkflowEnvironment> {
  started.push(environment);
  return environment;
}

afterAll(async () => {
  // One that could not be started has failed its test already.
  await Promise.allSettled(started.map(async (environment) => (await environment).close()));
});

/** What a test says of a saga before it starts. */
export interface Given {
  /**
   * What a participant does when it is asked: by step (`payment`, `payment.compensation`), by activity (`outcome.complete`),
   * or before a claim is made (`outcome.complete.before`). `saga` is the one that runs, for a test that does something to
   * it in the middle of an attempt.
   */
  where(who: string, does: (it: Behaviours, saga: RunningSaga) => Behaviour): Given;
  /** Settings, or events that came before the saga. */
  with(input: Pick<SagaInput, 'settings' | 'followUps'>): Given;
  /** What the saga row says when the saga starts: an earlier run, whose history was lost, or an operator wrote it. */
  whereTheRowSays(row: Pick<SagaRow, 'state'> & Partial<Pick<SagaRow, 'cause'>>): Given;
  /** On which server; the real one unless told. `time-skipping` is for what takes minutes or days: each saga has its own. */
  on(server: ServerKind): Given;
  /** Nothing is skipped until the test calls `saga.letTimePass()`. On a server of its own, which skips. */
  whileTimeStands(): Given;
  started(data: unknown): SagaExpectations;
}

export function given(workflow: SagaWorkflow): Given {
  const scripts: [who: string, does: (it: Behaviours, saga: RunningSaga) => Behaviour][] = [];
  let input: Pick<SagaInput, 'settings' | 'followUps'> = {};
  let rowSays: Partial<Pick<SagaRow, 'state' | 'cause'>> = {};
  let server: ServerKind = 'real';
  let timeStands = false;

  async function start(data: unknown): Promise<RunningSaga> {
    const environment = await environmentOf(server);
    const saga = new RunningSaga(environment, workflow.saga, data);
    saga.farEnd.script = new Map(scripts.map(([who, does]) => [who, does(behaviours, saga)]));
    Object.assign(saga.row, rowSays);
    if (timeStands) await saga.holdTime();
    await saga.start(input);
    return saga;
  }

  const self: Given = {
    where(who, does) {
      scripts.push([who, does]);
      return self;
    },
    with(more) {
      input = { ...input, ...more };
      return self;
    },
    whereTheRowSays(row) {
      rowSays = row;
      return self;
    },
    on(kind) {
      server = kind;
      return self;
    },
    whileTimeStands() {
      server = 'time-skipping';
      timeStands = true;
      return self;
    },
    started: (data) => new SagaExpectations(start(data)),
  };
  return self;
}
