import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Counter as ParticipantCounter } from '../../participants/tools.ts';
import type { ParticipantObserver } from '../../participants/observer.ts';
import type { Database } from '../../prisma/database.ts';
import type { HttpObserver } from '../../http/ports.ts';
import { withinMs } from '../../http/within.ts';
import type { IngestObserver } from '../../ingest/observer.ts';
import { ingestObserver, SECONDS } from './ingest-metrics.ts';
import type { ArchiveObserver } from '../../pipeline/archive/archive.ts';
import type { PipelineObserver } from '../../pipeline/runtime/observer.ts';
import { participantCounter, participantObserver } from './participant-metrics.ts';
import { sagaWatchObserver, type SagaWatchObserver } from './saga-metrics.ts';
import type { RelayObserver } from '../../relay/create-relay.ts';

export interface Metrics {
  readonly http: HttpObserver;
  readonly ingest: IngestObserver;
  readonly sagas: SagaWatchObserver;
  readonly relay: Required<RelayObserver>;
  readonly pipeline: PipelineObserver;
  readonly archive: ArchiveObserver;
  readonly participants: ParticipantObserver;
  /** Makes a counter of a participant's own. */
  readonly participantCounter: ParticipantCounter;
  readonly contentType: string;
  /** The text that Prometheus scrapes. */
  render(): Promise<string>;
}

/** Counts are of the whole database, so every process tells the same: a scrape costs it one query each five seconds. */
const SAGA_COUNTS_MAX_AGE_MS = 5_000;
const SCRAPE_WAITS_MS = 2_000;

/** Everything the process measures, in one registry; the observers are what its parts are told to tell. */
export function createMetrics(database: Database): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  countSagas(registry, database);

  return {
    http: httpObserver(registers),
    ingest: ingestObserver(registers),
    sagas: sagaWatchObserver(registers),
    relay: relayObserver(registers),
    pipeline: pipelineObserver(registers),
    archive: archiveObserver(registers),
    participants: participantObserver(registers),
    participantCounter: participantCounter(registers),
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}

function httpObserver(registers: Registry[]): HttpObserver {
  const duration = new Histogram({
    name: 'sagaline_http_request_duration_seconds',
    help: 'Time to answer an HTTP request',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  });
  const accepted = new Counter({
    name: 'sagaline_http_events_accepted_total',
    help: 'Events that HTTP put on Kafka',
    labelNames: ['type'],
    registers,
  });
  return {
    requestEnded: ({ method, route, status, ms }) => duration.observe({ method, route, status }, ms / 1000),
    eventAccepted: (type, count = 1) => accepted.inc({ type }, count),
  };
}

function relayObserver(registers: Registry[]): Required<RelayObserver> {
  const published = new Counter({
    name: 'sagaline_relay_published_total',
    help: 'Events of the outbox that are on Kafka and marked',
    labelNames: ['type'],
    registers,
  });
  const delay = new Histogram({
    name: 'sagaline_relay_delay_seconds',
    help: 'Time from the outbox row to its acknowledgement by Kafka',
    buckets: SECONDS,
    registers,
  });
  const lag = new Gauge({
    name: 'sagaline_outbox_oldest_age_seconds',
    help: 'Age of the oldest event that is not on Kafka yet; 0 when there is none',
    registers,
  });
  const refusals = new Counter({
    name: 'sagaline_relay_refusals_total',
    help: 'Attempts to publish an event that Kafka refused',
    labelNames: ['topic', 'code'],
    registers,
  });
  const refused = new Gauge({
    name: 'sagaline_outbox_refused',
    help: 'Events of the outbox that Kafka refuses; others of their key, or their topic, wait behind them',
    labelNames: ['topic', 'code'],
    registers,
  });
  const buried = new Gauge({
    name: 'sagaline_outbox_buried',
    help: 'Events of the outbox that operators gave up: they are never published',
    registers,
  });
  const lanes = new Gauge({ name: 'sagaline_relay_lanes', help: 'Outbox lanes that this process holds', registers });
  return {
    published: (rows) => {
      for (const { type, createdAt } of rows) {
        published.inc({ type });
        delay.observe(Math.max(0, Date.now() - createdAt.getTime()) / 1000);
      }
    },
    refused: (topic, code) => refusals.inc({ topic, code }),
    standing: (outbox) => {
      lag.set(outbox.oldestAgeMs / 1000);
      buried.set(outbox.buried);
      refused.reset();
      for (const { topic, code, rows } of outbox.refused) refused.inc({ topic, code }, rows);
    },
    lanes: (held) => lanes.set(held),
  };
}

interface SagaCount {
  readonly name: string;
  readonly state: string;
  readonly parked: boolean;
  readonly count: number;
}

/** Sagas that are open, by state, and those that are parked; counted when scraped. For closed ones see the relay's counter. */
function countSagas(registry: Registry, database: Database): void {
  const common = { registers: [registry], collect: () => refreshed() };
  const sagas = new Gauge({
    name: 'sagaline_sagas_open',
    help: 'Sagas that are not over',
    labelNames: ['saga', 'state'],
    ...common,
  });
  const parked = new Gauge({
    name: 'sagaline_sagas_parked',
    help: 'Sagas with a step that waits for an operator: page somebody',
    labelNames: ['saga'],
    ...common,
  });
  let counting: Promise<void> | undefined;
  let countedAt = -Infinity;

  /**
   * Both gauges are collected at the same time, and wait for one query. A query that takes longer than a scrape waits goes on,
   * and no other begins before it has ended: a slow database must not be asked ever more.
   */
  async function refreshed(): Promise<void> {
    if (Date.now() - countedAt <= SAGA_COUNTS_MAX_AGE_MS) return;
    counting ??= count().finally(() => (counting = undefined));
    await withinMs(SCRAPE_WAITS_MS, counting).catch(() => {
      // Without a database the gauges are absent rather than wrong.
      sagas.reset();
      parked.reset();
    });
  }

  async function count(): Promise<void> {
    const rows = await openSagas(database);
    countedAt = Date.now();
    sagas.reset();
    parked.reset();
    for (const { name, state, parked: isParked, count } of rows) {
      sagas.inc({ saga: name, state }, count);
      parked.inc({ saga: name }, isParked ? count : 0);
    }
  }
}

function openSagas(database: Database): Promise<SagaCount[]> {
  return database.$queryRaw<SagaCount[]>`
    SELECT "name", "state", cardinality("parked") > 0 AS "parked", count(*)::int AS "count"
    FROM "sagaline_engine"."sagas" WHERE "state" IN ('running', 'rollingBack') GROUP BY 1, 2, 3`;
}

function pipelineObserver(registers: Registry[]): PipelineObserver {
  const records = new Counter({
    name: 'sagaline_projection_records_total',
    help: 'Records whose effect and offset were committed',
    labelNames: ['projection'],
    registers,
  });
  const duration = new Histogram({
    name: 'sagaline_projection_batch_duration_seconds',
    help: 'Time to apply and commit a batch',
    labelNames: ['projection'],
    buckets: SECONDS,
    registers,
  });
  const behind = new Gauge({
    name: 'sagaline_projection_behind_seconds',
    help: 'Age of the newest record when it was applied',
    labelNames: ['projection'],
    registers,
  });
  const failures = new Counter({
    name: 'sagaline_projection_failures_total',
    help: 'Transactions that failed and are tried again, and consumers that were built anew',
    labelNames: ['projection'],
    registers,
  });
  const setAside = new Counter({
    name: 'sagaline_projection_set_aside_total',
    help: 'Records that a projection could not apply, and without which it goes on',
    labelNames: ['projection'],
    registers,
  });
  return {
    setAside: (projection, count) => setAside.inc({ projection }, count),
    applied(projection, count, ms) {
      records.inc({ projection }, count);
      duration.observe({ projection }, ms / 1000);
    },
    behind: (projection, ms) => behind.set({ projection }, ms / 1000),
    failed: (projection) => failures.inc({ projection }),
  };
}

function archiveObserver(registers: Registry[]): ArchiveObserver {
  const records = new Counter({
    name: 'sagaline_archive_records_total',
    help: 'Records that went to the archive, by what they are: valid, unknown-type, or why they are neither',
    labelNames: ['topic', 'outcome'],
    registers,
  });
  return { recorded: (topic, outcome, count) => records.inc({ topic, outcome }, count) };
}
