import { ApplicationFailure } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { isStorable, storableText } from '../contracts/text.ts';

/** Temporal takes a failure of some kilobytes; a provider's page of an error is of no use to anybody. In characters. */
const MAX_MESSAGE = 4_000;
const MAX_CAUSES = 10;

/**
 * A failure as it can be told to the server. Half a surrogate pair is no UTF-8: in a message, where a text that was cut may
 * bring it, it ends the whole worker, at every attempt again; and a message without a bound is no message that gRPC takes.
 */
export function tellable(error: unknown): unknown {
  return isTellable(error) ? error : copyOf(error, MAX_CAUSES);
}

function isTellable(error: unknown, depth = MAX_CAUSES): boolean {
  if (!(error instanceof Error)) return typeof error !== 'string' || isShort(error);
  const type = error instanceof ApplicationFailure ? (error.type ?? '') : error.name;
  const { cause } = error;
  return (
    [error.message, error.stack ?? '', type].every(isShort) &&
    (cause === undefined || (depth > 0 && isTellable(cause, depth - 1)))
  );
}

const isShort = (text: string) => text.length <= MAX_MESSAGE && isStorable(text);
const cut = (text: string) => storableText(text, MAX_MESSAGE);

function copyOf(error: unknown, depth: number): Error {
  if (!(error instanceof Error)) return new Error(cut(String(error)));
  const cause = error.cause === undefined || depth === 0 ? undefined : copyOf(error.cause, depth - 1);
  const known = error instanceof ApplicationFailure ? error : undefined;
  const copy = ApplicationFailure.create({
    message: cut(error.message),
    type: cut(known?.type ?? error.name),
    nonRetryable: known?.nonRetryable ?? false,
    ...(known?.details ? { details: known.details } : {}),
    ...delayOf(known),
    ...(cause && { cause }),
  });
  copy.stack = cut(error.stack ?? '');
  return copy;
}

function delayOf(failure: ApplicationFailure | undefined): { nextRetryDelay?: number } {
  const delay: unknown = failure?.nextRetryDelay;
  return typeof delay === 'number' || typeof delay === 'string' ? { nextRetryDelay: msToNumber(delay) } : {};
}
