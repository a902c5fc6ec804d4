/**
 * The event store: every record of every topic, valid or not, with its place in Kafka, its times, its ids and its value as it
 * came. What the other projections make of events can be made again from here.
 */
import type { Catalogue } from '../../contracts/catalogue.ts';
import type { InvalidRecord } from '../../events/invalid-record.ts';
import type { ConsumedRecord } from '../../kafka/port.ts';
import type { Projection, ProjectionTransaction } from '../runtime/projection.ts';
import type { RecordedEvent } from '../runtime/recorded-event.ts';
import { archivedRow, unreadRow, type ArchivedRow } from './archived-row.ts';
import { objectToRebuild } from './object-to-rebuild.ts';
import { createMaintenance, type MaintenanceDeps } from './maintenance.ts';
import { ensurePartitions, homesOf } from './partitions.ts';
import { TABLES } from './tables.ts';
import { byDay, countDays, writeRows } from './write-rows.ts';

/** What the archive does beyond its own tables while it runs live. */
export interface ArchiveEffects {
  /** Whether somebody else reads this topic, and takes care of its records that can never succeed. */
  isIngested(topic: string): boolean;
  /** Writes dead letters durably; may write one again. */
  deadLetter(letters: readonly PoisonRecord[]): Promise<void>;
  readonly observer: ArchiveObserver;
}

export interface PoisonRecord {
  readonly record: ConsumedRecord;
  readonly error: InvalidRecord;
}

/** Told of every batch before its commit: one that fails and comes again is told of twice. */
export interface ArchiveObserver {
  /** @param outcome `valid`, or the reason why not */
  recorded(topic: string, outcome: string, records: number): void;
}

export interface ArchiveDeps extends MaintenanceDeps {
  readonly catalogue: Catalogue;
  /** Topics beside those of our own events; nobody knows their types. */
  readonly extraTopics: readonly string[];
  /** Absent where nothing runs live. */
  readonly effects?: ArchiveEffects | undefined;
}

const MAINTENANCE_EVERY_MS = 60_000;
/** Partitions written at the same time: no two share a row, so one is parsed here while another is written there. */
const CONCURRENCY = 3;

export function createArchive(deps: ArchiveDeps): Projection {
  const { effects } = deps;
  return {
    name: 'archive',
    description: 'every event of every topic, with where it came from',
    topics: [...new Set([...deps.catalogue.types, ...deps.extraTopics])],
    tables: TABLES,
    concurrency: CONCURRENCY,
    async apply(tx, recorded) {
      const rows = recorded.map(archivedRow);
      await store(tx, rows);
      if (tx.live && effects) await tell(effects, recorded);
    },
    async keepSetAside(tx, record, about) {
      await store(tx, [unreadRow(record, about)]);
    },
    objectToRebuild,
    maintenance: { everyMs: MAINTENANCE_EVERY_MS, run: createMaintenance(deps) },
  };
}

async function store(tx: ProjectionTransaction, rows: readonly ArchivedRow[]): Promise<void> {
  const days = byDay(rows);
  const homes = homesOf(days.keys());
  await ensurePartitions(tx, homes);
  const isHomely = days.size === homes.size;
  const at = (home: boolean) => [...days].flatMap(([day, of]) => (homes.has(day) === home ? of : []));
  await writeRows(tx, 'events', isHomely ? rows : at(true));
  if (!isHomely) await writeRows(tx, 'strays', at(false));
  await countDays(tx, rows);
}

/** Dead letters come before the commit: if they cannot be written, the offset is held. */
async function tell(effects: ArchiveEffects, recorded: readonly RecordedEvent[]): Promise<void> {
  const counts = new Map<string, number>();
  const poison: PoisonRecord[] = [];
  for (const { fault, record } of recorded) {
    const outcome = fault?.reason ?? 'valid';
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    const isPoison = fault && fault.reason !== 'unknown-type' && !effects.isIngested(record.topic);
    if (isPoison) poison.push({ record, error: fault });
  }
  if (poison.length > 0) await effects.deadLetter(poison);
  for (const [outcome, count] of counts) effects.observer.recorded(recorded[0]?.record.topic ?? '', outcome, count);
}
