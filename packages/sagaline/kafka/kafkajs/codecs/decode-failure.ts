import type { UndecodableReason } from '../../port.ts';

/** Bytes of the log that nobody can read: fetching them again cannot help. Messages name sizes and limits, never content. */
export class DecodeFailure extends Error {
  override readonly name = 'DecodeFailure';
  readonly reason: UndecodableReason;
  constructor(reason: UndecodableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export const corrupt = (what: string, cause?: unknown): DecodeFailure =>
  new DecodeFailure('corrupt', what, cause === undefined ? undefined : { cause });

export const expandsTooFar = (codec: string, maxBytes: number): DecodeFailure =>
  new DecodeFailure('expands-too-far', `a ${codec} batch expands above ${maxBytes} bytes`);
