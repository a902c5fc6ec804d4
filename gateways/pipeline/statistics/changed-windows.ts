import { cell, type AmountMeasure, type Measure, type Tally, type WindowRow } from './tally.ts';
import { SIZE_NAMES, WINDOW_SIZES, type WindowSize } from './windows.ts';

/** Which windows look different after a batch, and in what. */
export interface ChangedWindow {
  readonly size: WindowSize;
  /** Begin, ms since the epoch. */
  readonly start: number;
  readonly measures: readonly (Measure | AmountMeasure | 'durations')[];
}

/** The windows that a tally changes, in order of size and time. */
export function changedWindows({ counts, amounts, durations }: Tally): ChangedWindow[] {
  const changed = new Map<
    string,
    { windowMs: number; start: number; measures: Set<ChangedWindow['measures'][number]> }
  >();
  const note = ({ windowMs, start }: WindowRow, measure: ChangedWindow['measures'][number]) =>
    cell(changed, `${windowMs}|${start}`, () => ({ windowMs, start, measures: new Set() })).measures.add(measure);
  for (const row of counts.values()) if (row.value !== 0) note(row, row.measure);
  for (const row of amounts.values()) if (row.value !== 0n) note(row, row.measure);
  for (const row of durations.values()) if (row.value !== 0) note(row, 'durations');
  return [...changed.values()]
    .sort((one, other) => one.windowMs - other.windowMs || one.start - other.start)
    .map(({ windowMs, start, measures }) => ({ size: sizeOf(windowMs), start, measures: [...measures] }));
}

const sizeOf = (ms: number): WindowSize => SIZE_NAMES.find((size) => WINDOW_SIZES[size] === ms) ?? '1s';
