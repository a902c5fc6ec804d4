/**
 * Durations as a DDSketch whose bins are rows: bins of two sketches are merged by adding, which is what SQL does best, and
 * taken out again by subtracting. Every percentile is within 1 % of a true duration, whatever was merged.
 */
import { DDSketch } from '@datadog/sketches-js';

export const RELATIVE_ACCURACY = 0.01;

/** The bin of what took no time at all; durations of a millisecond or more have bins from 0 on. */
const ZERO_BIN = -1;

const { mapping } = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });

/** @param durationMs an integer; what is negative, because two clocks differ, counts as no time */
export function binOf(durationMs: number): number {
  return durationMs < 1 ? ZERO_BIN : mapping.key(durationMs);
}

export interface Bin {
  readonly bin: number;
  readonly count: number;
}

/** The durations at the given quantiles, in whole ms; undefined without any duration. */
export function quantilesOf(bins: readonly Bin[], quantiles: readonly number[]): number[] | undefined {
  const sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
  for (const { bin, count } of bins) sketch.accept(bin === ZERO_BIN ? 0 : mapping.value(bin), count);
  return sketch.count === 0 ? undefined : quantiles.map((quantile) => Math.round(sketch.getValueAtQuantile(quantile)));
}
