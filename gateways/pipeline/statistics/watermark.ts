import { recordTimeMs, type ValidEvent } from 'sagaline/pipeline';
import { SIZE_NAMES, WINDOW_SIZES, windowStart, type PerSize } from './windows.ts';

/** The sizes for which an event came too late, one bit each, in the order of SIZE_NAMES. */
export type LateSizes = number;

/** Whether the window of the size at `index` no longer took the event. */
export const isLate = (late: LateSizes, index: number): boolean => (late & (1 << index)) !== 0;

/**
 * The clock of one partition: the newest event time that it has shown. It moves with the offsets and by nothing else, so the
 * same records are late again when the projection is rebuilt.
 */
export class Watermark {
  /** Ms since the epoch; -Infinity before the first event. */
  newest: number;
  private readonly latenessMs: PerSize;

  constructor(newest: number, latenessMs: PerSize) {
    this.newest = newest;
    this.latenessMs = latenessMs;
  }

  /** Tells for which sizes the partition's next event is late, and moves the clock. */
  advance({ time, record }: Pick<ValidEvent, 'time' | 'record'>): LateSizes {
    let late = 0;
    for (const [index, size] of SIZE_NAMES.entries()) {
      const closes = windowStart(time, size) + WINDOW_SIZES[size] + this.latenessMs[size];
      if (closes <= this.newest) late |= 1 << index;
    }
    // Never beyond the record's own time: one producer whose clock is a year ahead must not make everybody late.
    this.newest = Math.max(this.newest, Math.min(time, recordTimeMs(record.timestamp)));
    return late;
  }
}
