import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { IngestObserver } from '../../ingest/observer.ts';

/** Buckets of durations, in seconds. */
export const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What ingest tells, as metrics. */
export function ingestObserver(registers: Registry[]): IngestObserver {
  const accepted = new Counter({
    name: 'sagaline_ingest_accepted_total',
    help: 'Records that were read and are valid',
    labelNames: ['type'],
    registers,
  });
  const outcomes = new Counter({
    name: 'sagaline_ingest_outcomes_total',
    help: 'What became of accepted events, for each saga that they reach',
    labelNames: ['outcome', 'type', 'saga'],
    registers,
  });
  const deadLetters = new Counter({
    name: 'sagaline_ingest_dead_letters_total',
    help: 'Records that can never succeed',
    labelNames: ['topic', 'reason'],
    registers,
  });
  const batches = new Histogram({
    name: 'sagaline_ingest_batch_duration_seconds',
    help: 'Time from reading a batch to resolving its offsets',
    labelNames: ['topic'],
    buckets: SECONDS,
    registers,
  });
  const records = new Counter({
    name: 'sagaline_ingest_records_total',
    help: 'Records whose offsets were resolved',
    labelNames: ['topic'],
    registers,
  });
  const retries = new Counter({
    name: 'sagaline_ingest_retries_total',
    help: 'Calls to something outside that did not work and are tried again',
    labelNames: ['operation'],
    registers,
  });
  const overdue = new Gauge({
    name: 'sagaline_ingest_overdue',
    help: 'Events that were recorded minutes ago and have not reached their saga yet; 0 when all is well',
    registers,
  });
  const overdueAge = new Gauge({
    name: 'sagaline_ingest_overdue_age_seconds',
    help: 'Age of the oldest event that was recorded and has not reached its saga; 0 when none is overdue',
    registers,
  });
  return {
    accepted: (type) => accepted.inc({ type }),
    outcome: (outcome, type, saga) => outcomes.inc({ outcome, type, saga }),
    deadLettered: (topic, reason) => deadLetters.inc({ topic, reason }),
    batch: (topic, count, durationMs) => {
      records.inc({ topic }, count);
      batches.observe({ topic }, durationMs / 1000);
    },
    retried: (operation) => retries.inc({ operation }),
    overdue: (rows, oldestAgeMs) => {
      overdue.set(rows);
      overdueAge.set(oldestAgeMs / 1000);
    },
  };
}
