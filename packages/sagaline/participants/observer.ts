/** What participants tell of their work, for whoever measures it. */
export interface ParticipantObserver {
  /** A call ended. */
  ended(call: ParticipantCall): void;
}

export interface ParticipantCall {
  readonly participant: string;
  readonly method: string;
  readonly ms: number;
  /** What it threw, if it did. */
  readonly error?: unknown;
}

type Method = (...input: never[]) => Promise<unknown>;

/** The method as it is, and told of. */
export function observed(
  { participant, method }: Pick<ParticipantCall, 'participant' | 'method'>,
  run: Method,
  observer: ParticipantObserver,
): Method {
  return async (...input) => {
    const begun = performance.now();
    const call = () => ({ participant, method, ms: performance.now() - begun });
    try {
      const answer = await run(...input);
      observer.ended(call());
      return answer;
    } catch (error) {
      observer.ended({ ...call(), error });
      throw error;
    }
  };
}
