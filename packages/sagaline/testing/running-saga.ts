import type { WorkflowHandle } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { randomUUID } from 'node:crypto';
import { createSagaStarter, type StartResult, type StarterClient } from '../temporal/start-saga.ts';
import type { EventValue } from '../contracts/event.ts';
import {
  CANCEL_SIGNAL,
  JOURNEY_QUERY,
  RESOLVE_UPDATE,
  workflowIdOf,
  type Journey,
  type Resolution,
  type Resolved,
  type SagaInput,
} from '../contracts/saga.ts';
import type { SagaRegistration, SagaResult } from '../kernel/definition.ts';
import { validated } from './events.ts';
import type { Call, FarEnd } from './far-end.ts';
import { SagaIdTaken } from './problems.ts';
import type { SagaRow } from './saga-row.ts';
import { bugsIn, untilStuck, type HistoryEvent } from './stuck.ts';
import { untilTrue } from './until-true.ts';
import type { WorkflowEnvironment } from './workflow-environment.ts';

/** One saga under test: what a test does to it, and what it can see of it. */
export class RunningSaga {
  readonly workflowId: string;
  readonly farEnd: FarEnd;
  readonly handle: WorkflowHandle;
  private readonly environment: WorkflowEnvironment;
  private readonly registration: SagaRegistration;
  private readonly data: unknown;
  private readonly sagaId: string;
  private releaseTime: (() => Promise<void>) | undefined;
  private ended: Promise<SagaResult> | undefined;

  private constructor(environment: WorkflowEnvironment, registration: SagaRegistration, data: unknown) {
    this.environment = environment;
    this.registration = registration;
    this.data = data;
    this.sagaId = registration.sagaId(data as never);
    this.workflowId = workflowIdOf(registration.name, this.sagaId);
    this.farEnd = environment.participants.farEndOf(this.workflowId);
    this.handle = environment.client.workflow.getHandle(this.workflowId);
    // A parked saga has no timer, so that the next thing to come would be the server's own end of time, ten years on.
    this.farEnd.whenParked = (parked) => (parked.length > 0 ? this.holdTime() : this.letTimePass());
  }

  /** @throws SagaIdTaken when another test of the file has a saga of this id that is not over */
  static async prepare(
    environment: WorkflowEnvironment,
    registration: SagaRegistration,
    data: unknown,
  ): Promise<RunningSaga> {
    const workflowId = workflowIdOf(registration.name, registration.sagaId(data as never));
    const { participants, client } = environment;
    if (participants.knows(workflowId)) {
      const state = await client.workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => undefined);
      if (!state || state.status.name === 'RUNNING') {
        throw new SagaIdTaken(
          `${workflowId} is running for another test of this file: give each an id of its own, or let that one come to its ` +
            'end, by saga.handle.terminate() where it has none',
        );
      }
      participants.renew(workflowId);
    }
    return new RunningSaga(environment, registration, data);
  }

  get row(): SagaRow {
    return this.farEnd.row;
  }

  /** What workflows and workers logged as errors, this saga's and others'. */
  get logged(): WorkflowEnvironment['logged'] {
    return this.environment.logged;
  }

  /** The code that runs it, as the sandbox has it. */
  get code(): string {
    return this.environment.code;
  }

  /** As the gateway starts it. */
  start(input: Pick<SagaInput, 'settings' | 'followUps'> = {}): Promise<StartResult> {
    return this.startWith(this.environment.client, input);
  }

  /** Starts it, though one of its id was tested before, and is over. */
  async begin(input: Pick<SagaInput, 'settings' | 'followUps'>): Promise<void> {
    if ((await this.start(input)) === 'started') return;
    const { client } = this.environment;
    const again: StarterClient = {
      withDeadline: (deadline, start) => client.withDeadline(deadline, start),
      workflow: {
        start: (saga, options) => client.workflow.start(saga, { ...options, workflowIdReusePolicy: 'ALLOW_DUPLICATE' }),
      },
    };
    await this.startWith(again, input);
  }

  private startWith(client: StarterClient, input: Pick<SagaInput, 'settings' | 'followUps'>): Promise<StartResult> {
    const start = createSagaStarter({
      temporal: { client, eager: false },
      taskQueue: this.environment.taskQueue,
      settings: { [this.registration.name]: input.settings ?? {} },
    });
    return start({
      sagaName: this.registration.name,
      type: this.registration.on,
      businessKey: this.sagaId,
      input: { sagaId: this.sagaId, eventId: `event-of-${this.sagaId}`, data: this.data, ...input },
    });
  }

  /**
   * An event that reaches it as a signal. An event's value is held against its schema, as ingest does it; of a name, data go as
   * they are.
   */
  async hears(event: EventValue | string, data: unknown = {}, eventId: string = randomUUID()): Promise<void> {
    const type = typeof event === 'string' ? event : event.type;
    const payload = typeof event === 'string' ? data : validated(event, data, 'what it hears');
    await this.handle.signal(type, { type, eventId, data: payload });
  }

  /** The event that asks it to cancel. @param more further fields of that event */
  async isAskedToCancel(eventId = 'cancel-1', reason = 'ChangedMind', more: object = {}): Promise<void> {
    const rule = this.registration.followUps.find(({ cancels }) => cancels);
    if (!rule) throw new Error(`${this.registration.name} has no event that cancels: see isCancelledByAnOperator`);
    const key = this.registration.events.find(({ type }) => type === rule.type)?.key;
    await this.hears(rule.type, { ...(key && { [key]: this.sagaId }), reason, ...more }, eventId);
  }

  /** The operator's signal, as the HTTP API sends it. */
  async isCancelledByAnOperator(requestId = 'operator-1', reason = 'Fraud'): Promise<void> {
    await this.handle.signal(CANCEL_SIGNAL, { reason, by: 'ada', requestId });
  }

  /** Temporal's own cancel, from its UI or command line. */
  async isCancelledInTemporal(): Promise<void> {
    await this.handle.cancel();
  }

  /** An operator's decisions on parked steps. */
  operator(by = 'ada') {
    const resolve = (step: string, resolution: Resolution, updateId: string = randomUUID()) =>
      this.handle.executeUpdate<Resolved, [string, Resolution]>(RESOLVE_UPDATE, { args: [step, resolution], updateId });
    return {
      /** Says any of the below, as the HTTP API sends it. */
      resolve,
      /** Has it tried again. */
      retries: (step: string, updateId?: string) => resolve(step, { action: 'retry', by }, updateId),
      /** Leaves it undone, for a reason. */
      skips: (step: string, reason: string, updateId?: string) =>
        resolve(step, { action: 'skip', by, reason }, updateId),
      /** Says that it was done by hand, and what shows it. */
      marksDone: (step: string, evidence: string, updateId?: string) =>
        resolve(step, { action: 'done', by, evidence }, updateId),
    };
  }

  /** Its journey so far, as the workflow tells it. */
  journey(): Promise<Journey> {
    return this.handle.query<Journey>(JOURNEY_QUERY);
  }

  /** The result of the workflow, when it has one. @throws SagaStuck when its code fails, for then it never has */
  result(): Promise<SagaResult> {
    return (this.ended ??= this.untilEnded());
  }

  private async untilEnded(): Promise<SagaResult> {
    const { client, closing, workerFailed } = this.environment;
    const over = new AbortController();
    const result = client.withAbortSignal(closing, () => this.handle.result() as Promise<SagaResult>);
    const end = () => over.abort();
    result.then(end, end);
    const stuck = client.withAbortSignal(closing, () => untilStuck(this, AbortSignal.any([over.signal, closing])));
    return await Promise.race([result, workerFailed, stuck]);
  }

  /** Its history so far, as Temporal has it. */
  async history(): Promise<HistoryEvent[]> {
    return (await this.fetchHistory()).events ?? [];
  }

  /** As a server tells it: what is recorded to be replayed. */
  fetchHistory(): Promise<History> {
    return this.handle.fetchHistory();
  }

  /** Messages of the workflow tasks that its code failed; waits for the first. */
  async failedTasks(): Promise<string[]> {
    let messages: string[] = [];
    const failed = async () => (messages = bugsIn(await this.history())).length > 0;
    await untilTrue(failed, `a failed workflow task of ${this.workflowId}`);
    return messages;
  }

  /** Resolves when it waits for a timer. */
  async untilWaiting(timers = 1): Promise<void> {
    const waits = async () =>
      (await this.history()).filter((event) => event.timerStartedEventAttributes).length >= timers;
    await untilTrue(waits, `${timers} timers of ${this.workflowId}`);
  }

  /** From now on no time is skipped; on a time-skipping server. */
  async holdTime(): Promise<void> {
    this.releaseTime ??= await this.environment.holdTime();
  }

  /** Ends {@link holdTime}. */
  async letTimePass(): Promise<void> {
    const release = this.releaseTime;
    this.releaseTime = undefined;
    await release?.();
  }

  /** Stops the server that is its own, a time-skipping one; nothing can be asked of the saga any more. */
  async leave(): Promise<void> {
    if (this.environment.kind === 'time-skipping') await this.environment.close();
  }

  /** Attempts at its steps and their compensations, in order; one entry per step, at its first attempt. */
  asked(what: 'actions' | 'compensations'): string[] {
    const steps = new Set(this.farEnd.calls.map(({ step }) => step));
    const undo = '.compensation';
    return what === 'actions'
      ? [...steps].filter((step) => !step.endsWith(undo))
      : [...steps].filter((step) => step.endsWith(undo)).map((step) => step.slice(0, -undo.length));
  }

  /** How often a participant was asked for a step, or `<step>.compensation`. */
  attemptsAt(step: string): number {
    return this.farEnd.calls.filter((call) => call.step === step).length;
  }

  /** What the participant was told to undo a step with. */
  undoOf(step: string): Call['input'] | undefined {
    return this.farEnd.calls.find((call) => call.step === `${step}.compensation`)?.input;
  }
}
