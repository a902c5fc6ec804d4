import type { SagaWorkflow } from '../kernel/definition.ts';
import { cachedBundle, type SagaBundle } from './bundle-cache.ts';
import { createFaultMatrix, type FaultCase, type FaultMatrixOptions } from './fault-matrix.ts';
import { createGiven, type Given } from './given.ts';
import type { Results } from './scripted-participants.ts';
import { afterAllTests } from './test-runner.ts';
import { startWorkflowEnvironment, type ServerKind, type WorkflowEnvironment } from './workflow-environment.ts';

/** What holds for all tests of a folder of sagas. */
export interface SagaTestsOptions {
  /**
   * What participants answer where a test says nothing: by step (`payment`), or by activity (`payment.charge`). Needed for answers
   * that a saga's code reads; nothing at all otherwise.
   */
  readonly results?: Results;
  /** The sagas' bundle, where there is one already; made of the folder, and kept, unless told. */
  readonly bundle?: SagaBundle;
}

/** Tests of the sagas of one folder. */
export interface SagaTests {
  /** Begins a test of one saga: `given(giftCardSaga).where(…).started(order).expectOutcome(…)`. */
  readonly given: (saga: SagaWorkflow) => Given;
  /**
   * Runs the saga once without a fault, to know its steps, and returns a case for each step and fault:
   * `for (const { name, run } of await faultMatrix(giftCardSaga, { started: order })) test(name, run)`.
   *
   * @throws NoWayToCompletion when it does not complete without a fault
   */
  readonly faultMatrix: (saga: SagaWorkflow, options: FaultMatrixOptions) => Promise<readonly FaultCase[]>;
  /** Stops servers and workers. Vitest, Jest and Node's runner do it by themselves when a file's tests are over. */
  readonly close: () => Promise<void>;
}

/**
 * What tests of a folder of sagas need: Temporal's servers and a worker, started when the first test wants them, and stopped
 * after the file's last. Participants do what a test says; everything else is real.
 *
 * @param sagas the folder that `defineApp` is given, such as `new URL('../workflows/', import.meta.url)`
 */
export function sagaTests(sagas: URL, { results, bundle }: SagaTestsOptions = {}): SagaTests {
  const started: Promise<WorkflowEnvironment>[] = [];
  let shared: Promise<WorkflowEnvironment> | undefined;

  function own(kind: ServerKind): Promise<WorkflowEnvironment> {
    const environment = startWorkflowEnvironment(kind, {
      bundle: () => (bundle ? Promise.resolve(bundle) : cachedBundle(sagas)),
      results,
    });
    started.push(environment);
    return environment;
  }

  /**
   * The file's real server, or a time-skipping one of the caller's own: that kind has one clock for all that runs on it, so that
   * a saga which hangs would hold up the time of every other one, and one that waits for days would take the others' time-outs
   * along.
   */
  function environmentOf(kind: ServerKind): Promise<WorkflowEnvironment> {
    return kind === 'time-skipping' ? own(kind) : (shared ??= own(kind));
  }

  async function close(): Promise<void> {
    shared = undefined;
    // One that could not be started has failed its test already.
    await Promise.allSettled(started.splice(0).map(async (environment) => (await environment).close()));
  }

  afterAllTests?.(close);
  const given = createGiven(environmentOf);
  return { given, faultMatrix: createFaultMatrix(given), close };
}
