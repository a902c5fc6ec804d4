/** Latencies of single runs, and the rate of a burst. */
export interface Timing {
  readonly latenciesMs: readonly number[];
  readonly perSecond: number;
}

/** Runs `count` jobs, so many at once; times each and all. */
export async function inParallel(
  count: number,
  atOnce: number,
  job: (index: number) => Promise<unknown>,
): Promise<Timing> {
  const latenciesMs: number[] = [];
  const began = performance.now();
  let next = 0;
  async function lane(): Promise<void> {
    while (next < count) {
      const index = next++;
      const start = performance.now();
      await job(index);
      latenciesMs.push(performance.now() - start);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { latenciesMs, perSecond: (count * 1000) / (performance.now() - began) };
}

/** The value below which `percent` of the values lie (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
