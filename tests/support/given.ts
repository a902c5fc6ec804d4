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
import type { SagaInput } from '../../workflows/contracts/saga.ts';
import type { SagaWorkflow } from '../../workflows/kernel/definition.ts';
import { behaviours, type Behaviour, type Behaviours } from './behaviours.ts';
import { RunningSaga } from './running-saga.ts';
import { SagaExpectations } from './saga-expectations.ts';
import type { SagaRow } from './saga-row.ts';
import { startWorkflowEnvironment, type ServerKind, type WorkflowEnvironment } from './workflow-environment.ts';

const environments = new Map<ServerKind, Promise<WorkflowEnvironment>>();

/** The file's own server of a kind, started when the first saga wants it. */
export function environmentOf(kind: ServerKind): Promise<WorkflowEnvironment> {
  const started = environments.get(kind) ?? startWorkflowEnvironment(kind);
  environments.set(kind, started);
  return started;
}

afterAll(async () => {
  for (const environment of environments.values()) await (await environment).close();
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
  /** On which server; the time-skipping one unless told. */
  on(server: ServerKind): Given;
  /** Nothing is skipped until the test calls `saga.letTimePass()`. */
  whileTimeStands(): Given;
  started(data: unknown): SagaExpectations;
}

export function given(workflow: SagaWorkflow): Given {
  const scripts: [who: string, does: (it: Behaviours, saga: RunningSaga) => Behaviour][] = [];
  let input: Pick<SagaInput, 'settings' | 'followUps'> = {};
  let rowSays: Partial<Pick<SagaRow, 'state' | 'cause'>> = {};
  let server: ServerKind = 'time-skipping';
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
      timeStands = true;
      return self;
    },
    started: (data) => new SagaExpectations(start(data)),
  };
  return self;
}
