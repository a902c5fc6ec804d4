/** How far a rebuild is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Since the beginning. */
  readonly perSecond: number;
  /** Undefined while nothing is known about the speed. */
  readonly etaMs: number | undefined;
}

/** @param now ms of a clock that only goes forward */
export function createProgress(total: number, now: () => number = () => performance.now()) {
  const began = now();
  let done = 0;
  return {
    add(records: number): Progress {
      done += records;
      // Records that came after the start are done too, and count for no more than all.
      const bounded = Math.min(done, total);
      const perSecond = (done * 1000) / Math.max(1, now() - began);
      const etaMs = perSecond > 0 ? ((total - bounded) * 1000) / perSecond : undefined;
      return { done: bounded, total, perSecond, etaMs };
    },
  };
}

const WIDTH = 30;

/** One line with a bar: `███████░░░  70 %  700,000 of 1,000,000  52,100/s  6 s left`. */
export function lineOf({ done, total, perSecond, etaMs }: Progress): string {
  const part = total === 0 ? 1 : done / total;
  const bar = '█'.repeat(Math.floor(part * WIDTH)).padEnd(WIDTH, '░');
  const left = etaMs === undefined ? '' : `  ${durationOf(etaMs)} left`;
  return `${bar} ${String(Math.floor(part * 100)).padStart(3)} %  ${group(done)} of ${group(total)}  ${group(perSecond)}/s${left}`;
}

const group = (value: number): string => Math.round(value).toLocaleString('en');

function durationOf(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
