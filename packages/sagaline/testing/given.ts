/**
 * Workflow tests that read as a specification: given a saga, where a participant does this, started with that event, expect …
 *
 * @example
 * given(orderSaga)
 *   .where('payment', (it) => it.failsForGood('PaymentDeclined'))
 *   .started(anOrder())
 *   .expectOutcome('order.rejected', { reason: 'PaymentDeclined' });
 */
import type { SagaInput } from '../contracts/saga.ts';
import type { SagaWorkflow } from '../kernel/definition.ts';
import { behaviours, inTurn, type Behaviour, type Behaviours } from './behaviours.ts';
import { startOf, validated } from './events.ts';
import type { Script } from './far-end.ts';
import { mentions } from './known-steps.ts';
import { UnknownSaga } from './problems.ts';
import { RunningSaga } from './running-saga.ts';
import { SagaExpectations } from './saga-expectations.ts';
import type { SagaRow } from './saga-row.ts';
import type { ServerKind, WorkflowEnvironment } from './workflow-environment.ts';

/** What a test says of a saga before it starts. */
export interface Given {
  /**
   * What a participant does when it is asked: by step (`payment`, `payment.compensation`), by activity (`outcome.complete`),
   * or before a claim is made (`outcome.complete.before`). `saga` is the one that runs, for a test that does something to
   * it in the middle of an attempt. Said twice of one, the later holds, and the earlier where that answers nothing.
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
  /** By this payload of the event that starts it. @throws InvalidEvent when the event's schema refuses it */
  started(data: unknown): SagaExpectations;
  /** The same for what no schema lets through, and a saga should never meet. */
  startedUnchecked(data: unknown): SagaExpectations;
}

/** Makes `given` for the sagas that these environments run. */
export function createGiven(environmentOf: (kind: ServerKind) => Promise<WorkflowEnvironment>) {
  return (workflow: SagaWorkflow): Given => givenSaga(workflow, environmentOf);
}

function givenSaga(workflow: SagaWorkflow, environmentOf: (kind: ServerKind) => Promise<WorkflowEnvironment>): Given {
  const scripts: [who: string, does: (it: Behaviours, saga: RunningSaga) => Behaviour][] = [];
  let input: Pick<SagaInput, 'settings' | 'followUps'> = {};
  let rowSays: Partial<Pick<SagaRow, 'state' | 'cause'>> = {};
  let server: ServerKind = 'real';
  let timeStands = false;

  async function start(data: unknown): Promise<RunningSaga> {
    const environment = await environmentOf(server);
    refuseUnknownSaga(workflow.saga.name, environment);
    const saga = await RunningSaga.prepare(environment, workflow.saga, data);
    saga.farEnd.script = scriptOf(scripts.map(([who, does]) => [who, does(behaviours, saga)]));
    Object.assign(saga.row, rowSays);
    if (timeStands) await saga.holdTime();
    await saga.begin(input);
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
    started: (data) => {
      const event = startOf(workflow.saga);
      const checked = async () => start(validated(event, data, `what ${workflow.saga.name} is started with`));
      return new SagaExpectations(checked());
    },
    startedUnchecked: (data) => new SagaExpectations(start(data)),
  };
  return self;
}

function scriptOf(said: readonly (readonly [who: string, behaviour: Behaviour])[]): Script {
  const script = new Map<string, Behaviour>();
  for (const [who, behaviour] of said) script.set(who, inTurn(behaviour, script.get(who)));
  return script;
}

/** One that the bundle does not have would fail its first task, again and again. */
function refuseUnknownSaga(name: string, { code }: WorkflowEnvironment): void {
  if (mentions(code, name)) return;
  throw new UnknownSaga(
    `no file <name>.saga.ts of the folder that sagaTests was given exports ${name}: give it the folder that has it`,
  );
}
