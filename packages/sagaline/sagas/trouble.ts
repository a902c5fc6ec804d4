/** Sagas that do not go on by themselves, and what somebody can do about it. */
import type { Inspection, TaskProblem } from '../http/ports.ts';

/**
 * `stuck`: the workflow's task keeps failing, for a bug or for code that does not fit its history; a deploy mends it.
 * `lost`: the workflow ended from outside (terminated, timed out, deleted) without an outcome; nothing runs the saga any more.
 */
export type TroubleKind = 'stuck' | 'lost';

export interface Trouble {
  readonly kind: TroubleKind;
  /** Of a stuck one, why its task fails; of a lost one, how its workflow ended: TERMINATED, TIMED_OUT, DELETED and so on. */
  readonly reason: string;
  readonly message?: string;
  /** How often the task was tried; of stuck ones. */
  readonly attempts?: number;
  /** What to do, in words. */
  readonly advice: string;
}

/** What a saga's row, and the inbox, say of whether something should run. */
export interface OpenSaga {
  readonly workflowId: string;
  readonly closedAt: Date | null;
  /** What became of the event that starts it; null when nobody knows. */
  readonly startState: string | null;
}

/** What Temporal's answer means for a saga. A row must be read anew before `lost` is believed: it may have been closed meanwhile. */
export function troubleOf(saga: OpenSaga, inspection: Inspection): Trouble | undefined {
  if (saga.closedAt !== null) return undefined;
  if (inspection.known !== 'yes') {
    const isStarted = saga.startState !== 'received';
    return inspection.known === 'forgotten' && isStarted ? lost(saga, 'DELETED') : undefined;
  }
  if (inspection.status === 'RUNNING') return inspection.problem && stuck(inspection.problem);
  return inspection.status === 'CONTINUED_AS_NEW' ? undefined : lost(saga, inspection.status);
}

function stuck({ cause, attempts, message }: TaskProblem): Trouble {
  const advice =
    'nothing is lost, and nobody is refunded: mend the code and deploy the workers, and the saga goes on by itself; ' +
    'its history in the Temporal UI has the whole error';
  return { kind: 'stuck', reason: cause, attempts, ...(message === undefined ? {} : { message }), advice };
}

function lost({ workflowId }: OpenSaga, reason: string): Trouble {
  const advice =
    reason === 'DELETED'
      ? 'its history is gone: find what it did by its id in payments and messages, and undo it by hand; see "A saga is lost"'
      : `temporal workflow reset -w '${workflowId}' --type LastWorkflowTask --reason "ended from outside" lets it go on ` +
        'where it was; a cancel that waits is applied then';
  return { kind: 'lost', reason, advice };
}
