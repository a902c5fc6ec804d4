import type { WorkflowHandle } from '@temporalio/client';
import type proto from '@temporalio/proto';
import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import {
  CANCEL_SIGNAL,
  JOURNEY_QUERY,
  RESOLVE_UPDATE,
  workflowIdOf,
  type Journey,
  type Resolution,
  type Resolved,
  type SagaInput,
} from '../../packages/sagaline/contracts/saga.ts';
import type { SagaRegistration, SagaResult } from '../../packages/sagaline/kernel/definition.ts';
import { createSagaStarter, type StartResult } from '../../packages/sagaline/temporal/start-saga.ts';
import type { Call, FarEnd } from './scripted-participants.ts';
import type { SagaRow } from './saga-row.ts';
import type { WorkflowEnvironment } from './workflow-environment.ts';

export type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;

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

  constructor(environment: WorkflowEnvironment, registration: SagaRegistration, data: unknown) {
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

  get row(): SagaRow {
    return this.farEnd.row;
  }

  /** What workflows and workers logged as errors, this saga's and others'. */
  get logged(): WorkflowEnvironment['logged'] {
    return this.environment.logged;
  }

  /** As the gateway starts it. */
  start(input: Pick<SagaInput, 'settings' | 'followUps'> = {}): Promise<StartResult> {
    const { client, taskQueue } = this.environment;
    const start = createSagaStarter({
      temporal: { client, eager: false },
      taskQueue,
      settings: { [this.registration.name]: input.settings ?? {} },
    });
    return start({
      sagaName: this.registration.name,
      type: this.registration.on,
      businessKey: this.sagaId,
      input: { sagaId: this.sagaId, eventId: `event-of-${this.sagaId}`, data: this.data, ...input },
    });
  }

  /** An event that reaches it as a signal. */
  async hears(type: string, data: unknown = {}, eventId: string = randomUUID()): Promise<void> {
    await this.handle.signal(type, { type, eventId, data });
  }

  /** The event that asks it to cancel. */
  async isAskedToCancel(eventId = 'cancel-1', reason = 'ChangedMind'): Promise<void> {
    const rule = this.registration.followUps.find(({ cancels }) => cancels);
    if (!rule) throw new Error(`${this.registration.name} has no event that cancels`);
    await this.hears(rule.type, { orderId: this.sagaId, reason }, eventId);
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
      resolve,
      retries: (step: string, updateId?: string) => resolve(step, { action: 'retry', by }, updateId),
      skips: (step: string, reason: string, updateId?: string) =>
        resolve(step, { action: 'skip', by, reason }, updateId),
      marksDone: (step: string, evidence: string, updateId?: string) =>
        resolve(step, { action: 'done', by, evidence }, updateId),
    };
  }

  journey(): Promise<Journey> {
    return this.handle.query<Journey>(JOURNEY_QUERY);
  }

  /** The result of the workflow, when it has one. */
  result(): Promise<SagaResult> {
    return Promise.race([this.handle.result() as Promise<SagaResult>, this.environment.workerFailed]);
  }

  async history(): Promise<HistoryEvent[]> {
    return (await this.handle.fetchHistory()).events ?? [];
  }

  /** Messages of the workflow tasks that its code failed; waits for the first. */
  failedTasks(): Promise<string[]> {
    return vi.waitFor(
      async () => {
        const failures = (await this.history()).flatMap(
          (event) => event.workflowTaskFailedEventAttributes?.failure ?? [],
        );
        expect(failures).not.toEqual([]);
        return failures.map(({ message }) => message ?? '');
      },
      { timeout: 50_000, interval: 50 },
    );
  }

  /** Resolves when it waits for a timer. */
  async untilWaiting(timers = 1): Promise<void> {
    await vi.waitFor(
      async () => {
        const started = (await this.history()).filter((event) => event.timerStartedEventAttributes);
        expect(started.length).toBeGreaterThanOrEqual(timers);
      },
      { timeout: 50_000, interval: 25 },
    );
  }

  async holdTime(): Promise<void> {
    this.releaseTime ??= await this.environment.holdTime();
  }

  async letTimePass(): Promise<void> {
    const release = this.releaseTime;
    this.releaseTime = undefined;
    await release?.();
  }

  /** Attempts at its steps and their compensations, in order; one entry per step, at its first attempt. */
  asked(what: 'actions' | 'compensations'): string[] {
    const steps = new Set(this.farEnd.calls.map(({ step }) => step));
    const undo = '.compensation';
    return what === 'actions'
      ? [...steps].filter((step) => !step.endsWith(undo))
      : [...steps].filter((step) => step.endsWith(undo)).map((step) => step.slice(0, -undo.length));
  }

  attemptsAt(step: string): number {
    return this.farEnd.calls.filter((call) => call.step === step).length;
  }

  /** What the participant was told to undo a step with. */
  undoOf(step: string): Call['input'] | undefined {
    return this.farEnd.calls.find((call) => call.step === `${step}.compensation`)?.input;
  }
}
