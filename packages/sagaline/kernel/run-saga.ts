import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { SagaRef, Winner } from '../contracts/participants.ts';
import { CANCEL_TOO_LATE, JOURNEY_QUERY, type AbortCause, type Journey, type SagaInput } from '../contracts/saga.ts';
import { storable } from '../contracts/text.ts';
import { createControl } from './control.ts';
import type { RunnableSaga, SagaResult, SagaScope } from './definition.ts';
import { msOf } from './duration.ts';
import { asBug } from './errors.ts';
import { createFollowUps } from './follow-ups.ts';
import { createJournal } from './journal.ts';
import { rulesOf } from './kernel-versions.ts';
import { createOutcomeClaims } from './outcome.ts';
import { parallel } from './parallel.ts';
import { createParking } from './parking.ts';
import { createReject } from './reject.ts';
import { rollBack, type UndoStack } from './rollback.ts';
import { createStepRunner } from './step-runner.ts';
import { createSteps } from './steps.ts';

/**
 * Runs one saga to its one outcome: forward until its code returns or something turns it around, then back.
 *
 * Nothing here is reached by a cancel but what runs in the forward scope. Whatever this throws fails the workflow task,
 * never the saga (kernel rule 5).
 */
export async function runSaga(saga: RunnableSaga, input: SagaInput): Promise<SagaResult> {
  const cancelledInTemporal = CancellationScope.current().cancelRequested;
  try {
    return await CancellationScope.nonCancellable(() => createKernel(saga, input, cancelledInTemporal).run());
  } catch (error) {
    throw asBug(error);
  }
}

function createKernel(saga: RunnableSaga, input: SagaInput, cancelledInTemporal: Promise<never>) {
  const { workflowId } = workflowInfo();
  const rules = rulesOf(input.kernel);
  const settings = { ...saga.registration.settings, ...input.settings };
  const patience = settings['patience'] ?? DEFAULT_PATIENCE;
  const ref: SagaRef = {
    workflowId,
    sagaName: saga.registration.name,
    sagaId: input.sagaId,
    traceparent: input.traceparent,
  };
  const journal = createJournal();
  const outcome = createOutcomeClaims(ref, journal);
  const parking = createParking(journal, outcome);
  const control = createControl();
  const runner = createStepRunner(control, journal, rules);
  const undoStack: UndoStack = [];
  const followUps = createFollowUps(saga.registration.followUps, { control, journal, rules, refuseCancel });
  // Temporal's own cancel, from its UI or CLI, means the same as an event's (kernel rule 9).
  cancelledInTemporal.catch(() => followUps.cancel('CancelledInTemporal', 'temporal'));
  const steps = createSteps({ workflowId, control, journal, parking, runner, undoStack, patience });
  const scope: SagaScope = {
    ...steps,
    parallel,
    reject: createReject(control),
    settings,
    next: (event, within, options) => followUps.next(event, within, options),
  };
  setHandler(defineQuery<Journey>(JOURNEY_QUERY), () => journal.journey());

  function refuseCancel(requestId: string, state: string): void {
    const answer = saga.registration.cancelRefused(input.data, { reason: CANCEL_TOO_LATE, state });
    if (answer) outcome.refuseCancel(requestId, storable(answer));
  }

  function startDeadline(): void {
    const { deadline } = settings;
    if (deadline === undefined) return;
    const expired = control.clock.run(() => sleep(msOf(deadline), { summary: 'deadline of the saga' }));
    expired.then(
      () => {
        if (control.phase === 'forward') control.abort({ kind: 'deadline', reason: 'DeadlineExceeded' });
      },
      () => undefined,
    );
  }

  /** The author's code. Resolves with its payload, or with nothing when the saga turned around; rejects for a bug. */
  async function goForward(): Promise<{ payload: unknown } | undefined> {
    startDeadline();
    const returned = control.forward
      .run(() => saga.run(input.data, scope))
      .then(
        async (payload) => {
          // A step that the author opened and did not await is a part of the saga all the same.
          await runner.settled();
          return { payload };
        },
        (error: unknown) => {
          // The author's code only passes on what turned the saga around; anything else is its own.
          if (control.phase !== 'rollingBack') throw error;
          return undefined;
        },
      );
    return Promise.race([returned, control.aborted.then(() => undefined), control.bug]);
  }

  async function complete(payload: unknown): Promise<SagaResult | undefined> {
    // What participants told the author's code may be text that no store takes: it would hold the saga for ever.
    const completed = { type: saga.outcomes.completed, payload: storable(payload) };
    control.enter('claiming');
    const winner = await outcome.complete(completed);
    if (winner.state !== 'completed') {
      control.abort(winner.cause ?? LOST_CLAIM);
      return undefined;
    }
    journal.is('completed');
    control.enter('completed');
    return { state: 'completed', outcome: completed };
  }

  async function turnBack(): Promise<SagaResult> {
    // Attempts that are under way end first, within their own bound: they must not be assumed not to have happened (kernel rule 9).
    await runner.settled();
    const intended = control.cause ?? LOST_CLAIM;
    const winner = await outcome.beginRollback(intended);
    if (winner.state === 'completed') return obeyCompletion(intended);

    const cause = winner.cause ?? intended;
    journal.is('rollingBack', cause);
    const undone = await rollBack(undoStack, { journal, parking, runner, patience, reported: () => outcome.flush() });
    const cancelled = cause.kind === 'cancel' ? saga.outcomes.cancelled : undefined;
    const type = cancelled ?? saga.outcomes.rolledBack;
    const step = cause.kind === 'failure' ? { step: cause.step } : {};
    const payload = { ...saga.subject(input.data), reason: cause.reason, ...step, ...undone };
    const ended = { type, payload: storable(payload) };
    return closed(await outcome.finishRollback(cancelled ? 'cancelled' : 'rejected', ended), ended);
  }

  /** An earlier run of this very task completed, and the server discarded its history: what is stored, holds (kernel rule 3). */
  function obeyCompletion(cause: AbortCause): SagaResult {
    journal.is('completed');
    control.enter('completed');
    if (cause.kind === 'cancel') refuseCancel(cause.requestId, 'completed');
    return { state: 'completed' };
  }

  function closed({ state }: Winner, ended: SagaResult['outcome'] & object): SagaResult {
    if (state === 'running' || state === 'rollingBack')
      throw new Error(`saga row is ${state} after its outcome was recorded`);
    journal.is(state);
    return { state, outcome: ended };
  }

  return {
    async run(): Promise<SagaResult> {
      followUps.deliverEarly(input.followUps ?? []);
      const returned = control.phase === 'forward' ? await goForward() : undefined;
      const completed = returned && control.phase !== 'rollingBack' ? await complete(returned.payload) : undefined;
      const result = completed ?? (await turnBack());
      await followUps.decided();
      await condition(allHandlersFinished);
      await outcome.flush();
      return result;
    },
  };
}

const DEFAULT_PATIENCE = '10 minutes';

const LOST_CLAIM: AbortCause = { kind: 'failure', reason: 'ClaimLost', step: 'outcome' };
