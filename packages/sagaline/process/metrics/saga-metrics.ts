import { Gauge, type Registry } from 'prom-client';
import type { WatchedTrouble } from '../../sagas/watch.ts';

/** What the watch over sagas tells the metrics. */
export interface SagaWatchObserver {
  looked(troubled: readonly Pick<WatchedTrouble, 'kind' | 'saga'>[]): void;
}

/** Of the whole task queue, so every gateway tells the same: take the maximum over them, not the sum. */
export function sagaWatchObserver(registers: Registry[]): SagaWatchObserver {
  const common = { labelNames: ['saga'], registers };
  const gauges = {
    stuck: new Gauge({
      name: 'sagaline_sagas_stuck',
      help: 'Sagas whose workflow task keeps failing: they wait for a deploy',
      ...common,
    }),
    lost: new Gauge({
      name: 'sagaline_sagas_lost',
      help: 'Sagas whose workflow ended from outside, without an outcome: they wait for an operator',
      ...common,
    }),
  };
  return {
    looked(troubled) {
      for (const kind of ['stuck', 'lost'] as const) {
        const gauge = gauges[kind];
        gauge.reset();
        // Told also when there are none: a gauge that is absent pages nobody.
        if (!troubled.some((one) => one.kind === kind)) gauge.set({ saga: '' }, 0);
        for (const one of troubled) if (one.kind === kind) gauge.inc({ saga: one.saga });
      }
    },
  };
}
