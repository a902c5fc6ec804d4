import type { PayloadOf } from 'sagaline/workflow';
import type { logEvents } from '../../../workflows/events/service-log.ts';

export type Level = PayloadOf<(typeof logEvents)['service.log']>['level'];

/** As numbers that grow with severity, so that "this level and above" is one comparison. */
export const SEVERITY: Readonly<Record<Level, number>> = {
  ...{ trace: 10, debug: 20, info: 30 },
  ...{ warn: 40, error: 50, fatal: 60 },
};

export const LEVELS = Object.keys(SEVERITY) as Level[];

/** From here on a line counts for bursts. */
export const ERROR = SEVERITY.error;
