/** A flag that can be waited for. Raised any number of times before it is looked at, it wakes once. */
export interface Signal {
  readonly raise: () => void;
  lower(): void;
  /** Resolves when the flag is or becomes raised, or after `ms`. */
  wait(ms: number): Promise<void>;
}

export function createSignal(): Signal {
  let raised = false;
  let release: (() => void) | undefined;
  return {
    raise() {
      raised = true;
      release?.();
    },
    lower() {
      raised = false;
    },
    wait(ms) {
      if (raised || ms <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(() => release?.(), ms);
        release = () => {
          clearTimeout(timer);
          release = undefined;
          resolve();
        };
      });
    },
  };
}
