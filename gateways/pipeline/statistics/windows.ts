/** Windows of event time: each event is in one of every size. */

/** Sizes by the name that the API uses, in ms; the smallest first. */
export const WINDOW_SIZES = { '1s': 1_000, '1m': 60_000, '1h': 3_600_000 } as const;

export type WindowSize = keyof typeof WINDOW_SIZES;

export const SIZE_NAMES = Object.keys(WINDOW_SIZES) as WindowSize[];

/** Begin of the window that holds `time`, in ms since the epoch; windows begin at whole seconds, minutes and hours in UTC. */
export function windowStart(time: number, size: WindowSize): number {
  const ms = WINDOW_SIZES[size];
  return Math.floor(time / ms) * ms;
}

/** One value for each size of window, in ms. */
export type PerSize = Readonly<Record<WindowSize, number>>;
