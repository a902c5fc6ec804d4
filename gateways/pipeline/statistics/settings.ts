import { z } from 'zod';
import { msOf } from 'sagaline';
import { SIZE_NAMES, type PerSize, type WindowSize } from './windows.ts';

export interface StatisticsSettings {
  /** How long after its end a window still takes events, on the clock of the event's partition. */
  readonly latenessMs: PerSize;
  /** How long windows are kept, on the clock of the newest event; Infinity: for ever. */
  readonly keepMs: PerSize;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const STATISTICS_DEFAULTS: StatisticsSettings = {
  latenessMs: { '1s': 10 * MINUTE, '1m': HOUR, '1h': DAY },
  keepMs: { '1s': 2 * DAY, '1m': 60 * DAY, '1h': Infinity },
};

const isSize = (text: string): text is WindowSize => SIZE_NAMES.some((size) => size === text);

/** `1s=10 minutes,1h=ever`: a duration for some sizes of window, the others as in `defaults`. */
export const perSize = (defaults: PerSize) =>
  z.string().transform((text, context): PerSize => {
    const given = text.split(',').map((part) => {
      const [size = '', duration = ''] = part.split('=').map((word) => word.trim());
      if (!isSize(size)) {
        context.addIssue(`must be durations by window, ${SIZE_NAMES.join(' ')}, such as 1s=10 minutes,1h=ever`);
        return {};
      }
      try {
        return { [size]: duration === 'ever' ? Infinity : msOf(duration) };
      } catch (error) {
        context.addIssue(`${size}: ${error instanceof Error ? error.message : String(error)}`);
        return {};
      }
    });
    return Object.assign({}, defaults, ...given) as PerSize;
  });

/** Sizes whose windows would be removed while they still take events: such events would leave fragments of windows. */
export function keptTooShort({ latenessMs, keepMs }: StatisticsSettings): WindowSize[] {
  return SIZE_NAMES.filter((size) => keepMs[size] < latenessMs[size]);
}
