import { DeterminismViolationError } from '@temporalio/workflow';
import { DefaultLogger, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { createLogger } from '../../../packages/sagaline/ground/logger.ts';
import { installRuntime } from '../../../packages/sagaline/temporal/runtime.ts';
import { readComplaint, type Complaint } from './complaint.ts';
import type { NamedHistory } from './histories.ts';

/** For the bundler, which tells every module. */
export const quietLogger = new DefaultLogger('ERROR');

let isQuiet = false;

/** What Temporal's own lines would say, the result of each replay says. Call it before anything of Temporal's. */
export function quietRuntime(): void {
  if (isQuiet) return;
  installRuntime(createLogger({ name: 'replay', level: 'silent' }));
  isQuiet = true;
}

export interface Replayed {
  readonly of: NamedHistory;
  /** Undefined when the workflows' code does today what the history says it did. */
  readonly failure: ReplayFailure | undefined;
}

export interface ReplayFailure extends Complaint {
  /** `broken`: the code fails by itself, or does not know this saga. */
  readonly kind: 'determinism violation' | 'broken';
}

/** Replays one history after another against bundled workflows, in the order given. */
export async function* replay(
  bundle: WorkflowBundleOption,
  histories: Iterable<NamedHistory> | AsyncIterable<NamedHistory>,
): AsyncGenerator<Replayed> {
  quietRuntime();
  let current: NamedHistory | undefined;
  async function* oneByOne() {
    for await (current of histories) yield { workflowId: current.workflowId, history: current.history };
  }
  // Search attributes, payloads and caches are as in packages/sagaline/temporal/worker.ts: none of them takes part in a replay.
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: bundle }, oneByOne())) {
    if (current) yield { of: current, failure: error && failureOf(error, current) };
  }
}

function failureOf(error: Error, of: NamedHistory): ReplayFailure {
  const kind = error instanceof DeterminismViolationError ? 'determinism violation' : 'broken';
  return { kind, ...readComplaint(error.message, of) };
}
