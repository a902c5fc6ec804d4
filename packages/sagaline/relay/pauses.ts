import { backoffMs } from '../ground/backoff.ts';

const BOUNDS = { firstMs: 250, maxMs: 5_000 };

/** Topics that Kafka does not take at the moment, through nobody's fault, and when each is tried again. */
export interface Pauses {
  /** Not taken, once more. */
  pause(topic: string): void;
  /** Taken again. Returns whether it was paused. */
  resume(topic: string): boolean;
  topics(): string[];
  /** Those whose time has come. */
  due(): string[];
  /** Until the next one's time, in ms; infinite when there is none. */
  nextMs(): number;
}

export function createPauses(now: () => number = () => performance.now()): Pauses {
  const paused = new Map<string, { readonly until: number; readonly failures: number }>();
  return {
    pause(topic) {
      const failures = (paused.get(topic)?.failures ?? 0) + 1;
      paused.set(topic, { until: now() + backoffMs(failures, BOUNDS), failures });
    },
    resume: (topic) => paused.delete(topic),
    topics: () => [...paused.keys()],
    due: () => [...paused].filter(([, { until }]) => until <= now()).map(([topic]) => topic),
    nextMs: () => Math.min(...[...paused.values()].map(({ until }) => until - now())),
  };
}
