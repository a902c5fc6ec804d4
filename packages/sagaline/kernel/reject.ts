import { MAX_REASON } from '../contracts/limits.ts';
import type { RejectDetails } from '../contracts/saga.ts';
import { storable, storableText } from '../contracts/text.ts';
import type { Control } from './control.ts';
import { ProgrammingError, SagaAborted } from './errors.ts';

/** Longest details, in characters of their JSON: they travel into the saga row and every journey. */
const MAX_DETAILS = 2_000;

/** `saga.reject`: see SagaScope. */
export function createReject(control: Control) {
  return function reject(reason: string, details?: RejectDetails): never {
    if (control.phase !== 'rollingBack') {
      const problem = problemOf(control, reason, details);
      if (problem !== undefined) {
        const bug = new ProgrammingError(`saga.reject: ${problem}`);
        control.reportBug(bug);
        throw bug;
      }
      control.abort({
        kind: 'rejected',
        reason: storableText(reason, MAX_REASON),
        ...(details && { details: storable(details) }),
      });
    }
    throw new SagaAborted('reject');
  };
}

function problemOf({ phase }: Control, reason: string, details: RejectDetails | undefined): string | undefined {
  if (phase !== 'forward') return 'the pivot has begun, and nothing rolls back any more: say no before it';
  if (reason === '') return 'a reason says why';
  if (details && JSON.stringify(details).length > MAX_DETAILS) return `details have at most ${MAX_DETAILS} characters`;
  return undefined;
}
