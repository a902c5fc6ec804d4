import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { quietRuntime } from '../quiet-runtime.ts';
import { readComplaint, type Complaint } from './complaint.ts';
import type { NamedHistory } from './histories.ts';

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
export async function* replayEach(
  bundle: WorkflowBundleOption,
  histories: Iterable<NamedHistory> | AsyncIterable<NamedHistory>,
): AsyncGenerator<Replayed> {
  quietRuntime();
  let current: NamedHistory | undefined;
  async function* oneByOne() {
    for await (current of histories) yield { workflowId: current.workflowId, history: current.history };
  }
  // Search attributes, payloads and caches are as in the engine's worker: none of them takes part in a replay.
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: bundle }, oneByOne())) {
    if (current) yield { of: current, failure: error && failureOf(error, current) };
  }
}

function failureOf(error: Error, of: NamedHistory): ReplayFailure {
  const kind = error instanceof DeterminismViolationError ? 'determinism violation' : 'broken';
  return { kind, ...readComplaint(error.message, of) };
}
