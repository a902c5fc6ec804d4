/** Statistics of the events in windows of event time; docs/pipeline/statistics.md says what is counted, and what is late. */
import {
  defineProjection,
  type Projection,
  type ProjectionTransaction,
  type RecordedEvent,
  type ValidEvent,
} from 'sagaline/pipeline';
import { createPublishStatistics } from './publish.ts';
import { changedWindows, type ChangedWindow } from './changed-windows.ts';
import { FACTS, OUTCOMES, earliestOf, factOf, isFact, isOutcome, type Fact } from './facts.ts';
import { removeOldWindows } from './retention.ts';
import { findFacts, storeFacts, type ChangedFact } from './store-facts.ts';
import { TABLES } from './tables.ts';
import { Tally } from './tally.ts';
import { Watermark } from './watermark.ts';
import { STATISTICS_DEFAULTS, keptTooShort, perSize, type StatisticsSettings } from './settings.ts';
import { writeTally } from './write-windows.ts';

export interface StatisticsDeps {
  readonly settings: StatisticsSettings;
  /** Told in the batch's own transaction which windows it changed; never while history is repeated. */
  readonly publish?: (tx: ProjectionTransaction, changed: readonly ChangedWindow[]) => Promise<void>;
}

export const TOPICS = [...Object.keys(FACTS), 'user.activity', 'service.log'];

/** Housekeeping removes a bounded number of rows at a time, so it comes often. */
const HOUSEKEEPING_MS = 60_000;

export const statistics = defineProjection('statistics', {
  env: {
    STATISTICS_LATENESS: perSize(STATISTICS_DEFAULTS.latenessMs).default(STATISTICS_DEFAULTS.latenessMs),
    STATISTICS_KEEP: perSize(STATISTICS_DEFAULTS.keepMs).default(STATISTICS_DEFAULTS.keepMs),
  },
  contradictions({ STATISTICS_LATENESS: latenessMs, STATISTICS_KEEP: keepMs }) {
    if (!latenessMs || !keepMs) return [];
    const sizes = keptTooShort({ latenessMs, keepMs }).join(', ');
    return sizes ? [`STATISTICS_KEEP: shorter than STATISTICS_LATENESS for windows of ${sizes}`] : [];
  },
  tells: ['statistics'],
  create: ({ env: { STATISTICS_LATENESS: latenessMs, STATISTICS_KEEP: keepMs }, tell }) =>
    createStatistics({ settings: { latenessMs, keepMs }, publish: createPublishStatistics(tell) }),
});

export function createStatistics({ settings, publish }: StatisticsDeps): Projection {
  return {
    name: 'statistics',
    description: 'orders, revenue, sagas, logs and activities in windows of a second, a minute and an hour',
    topics: TOPICS,
    tables: TABLES,
    async apply(tx, events) {
      const valid = events.filter(isValid);
      if (valid.length === 0) return;
      const tally = new Tally();
      const facts = await placeInTime(tx, valid, settings, tally);
      if (facts.length > 0) await countFacts(tx, await storeFacts(tx, facts), tally);
      await writeTally(tx, tally);
      if (publish && tx.live) await publish(tx, changedWindows(tally));
    },
    maintenance: {
      everyMs: HOUSEKEEPING_MS,
      async run(tx) {
        await removeOldWindows(tx, settings.keepMs);
      },
    },
  };
}

/** What cannot be read is the archive's business. */
const isValid = (event: RecordedEvent): event is ValidEvent => event.fault === undefined;

/** Moves the partition's clock by its events, one after the other. Records are counted at once; facts are returned. */
async function placeInTime(
  tx: ProjectionTransaction,
  events: readonly ValidEvent[],
  { latenessMs }: StatisticsSettings,
  tally: Tally,
): Promise<Fact[]> {
  const { topic, partition } = events[0]?.record ?? { topic: '', partition: 0 };
  const watermark = new Watermark(await readWatermark(tx, topic, partition), latenessMs);
  const facts: Fact[] = [];
  for (const event of events) {
    const late = watermark.advance(event);
    if (isFact(event)) facts.push(factOf(event, late));
    else tally.addRecord(event, late);
  }
  await tx.query(
    `INSERT INTO "watermarks" VALUES ($1, $2, $3)
     ON CONFLICT ("topic", "partition") DO UPDATE SET "newest" = excluded."newest"`,
    [topic, partition, watermark.newest],
  );
  return earliestOf(facts);
}

async function readWatermark(tx: ProjectionTransaction, topic: string, partition: number): Promise<number> {
  const sql = 'SELECT "newest" FROM "watermarks" WHERE "topic" = $1 AND "partition" = $2';
  const [row] = await tx.query<{ newest: string }>(sql, [topic, partition]);
  return row ? Number(row.newest) : -Infinity;
}

/** Counts what is new, takes back what it takes the place of, and joins orders with their outcomes, whichever came first. */
async function countFacts(tx: ProjectionTransaction, changed: readonly ChangedFact[], tally: Tally): Promise<void> {
  for (const { fact, instead } of changed) {
    tally.addFact(fact, 1);
    if (instead) tally.addFact(instead, -1);
  }
  const [first] = changed;
  if (first?.fact.type === 'order.created') await countDurations(tx, changed, OUTCOMES, tally, asCreated);
  else if (first && isOutcome(first.fact)) await countDurations(tx, changed, ['order.created'], tally, asOutcome);
}

type Pair = readonly [created: Fact, outcome: Fact];
const asCreated = (fact: Fact, other: Fact): Pair => [fact, other];
const asOutcome = (fact: Fact, other: Fact): Pair => [other, fact];

async function countDurations(
  tx: ProjectionTransaction,
  changed: readonly ChangedFact[],
  otherTypes: Parameters<typeof findFacts>[1],
  tally: Tally,
  pair: (fact: Fact, other: Fact) => Pair,
): Promise<void> {
  const changedByKey = new Map(changed.map((change) => [change.fact.key, change]));
  const others = await findFacts(
    tx,
    otherTypes,
    changed.map(({ fact }) => fact),
  );
  for (const other of others) {
    const change = changedByKey.get(other.key);
    if (!change) continue;
    tally.addDuration(...pair(change.fact, other), 1);
    if (change.instead) tally.addDuration(...pair(change.instead, other), -1);
  }
}
