/**
 * A projection: a view of the events that can be thrown away and built again. It is a PostgreSQL schema that holds its tables
 * and its offsets, so that rows and offsets change in one transaction, and a rebuilt view takes the live one's place by a rename.
 */
import type { QueryResultRow } from 'pg';
import type { ConsumedRecord } from '../../kafka/port.ts';
import type { RecordedEvent } from './recorded-event.ts';

/** The transaction in which a batch is applied. Table names without a schema are the projection's own. */
export interface ProjectionTransaction {
  /** One statement, with `$1`, `$2` … for its values. */
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** False while a rebuild repeats history: what reaches beyond the projection's own tables is left out then. */
  readonly live: boolean;
}

/** A view of the events, which can be thrown away and built again. */
export interface Projection {
  /** Lower-case letters: part of the schema's name, the consumer group's, and the command line. */
  readonly name: string;
  /** What it shows, in one line. */
  readonly description: string;
  /** What it reads: names of events. */
  readonly topics: readonly string[];
  /** CREATE statements, names without a schema. Changing them asks for a rebuild, never for a migration. */
  readonly tables: string;
  /**
   * Tables that came later, by CREATE … IF NOT EXISTS: made at every start where they are missing, so that what is there need not
   * be rebuilt for them. They hold nothing that a rebuild would have to bring back.
   */
  readonly additions?: string;
  /** Records of one transaction, at most. */
  readonly maxRecords?: number;
  /** Partitions applied at the same time by one process; 1 unless told, so that no two transactions wait for each other's rows. */
  readonly concurrency?: number;
  /**
   * Changes the tables by consecutive events of one partition, valid ones and others (`fault`). Runs again if the transaction
   * fails; never twice for one event with effect. The result must not depend on where batches begin and end.
   */
  apply(tx: ProjectionTransaction, events: readonly RecordedEvent[]): Promise<void>;
  /**
   * Keeps what can be kept of a record that `apply` cannot take, and that is set aside. Its place is noted without that.
   *
   * @param record as it came; not even reading it may have been possible
   */
  keepSetAside?(tx: ProjectionTransaction, record: ConsumedRecord, about: SetAsideRecord): Promise<void>;
  /**
   * For a projection that cannot be thrown away whenever: why a rebuild from these offsets would do harm, in words for an
   * operator; undefined where it would not. Asked in a transaction of the live schema.
   */
  objectToRebuild?(tx: ProjectionTransaction, from: readonly TopicPosition[]): Promise<string | undefined>;
  /** Housekeeping beside the consumption, such as partitions to create ahead and old ones to drop. */
  readonly maintenance?: Maintenance;
}

/** Work from time to time, in a transaction of its own; one process does it. */
export interface Maintenance {
  /** From one end to the next beginning. */
  readonly everyMs: number;
  /** One round, which ends soon. */
  run(tx: ProjectionTransaction): Promise<void>;
}

/** What is known of a record that a projection could not apply. */
export interface SetAsideRecord {
  /** See RecordedEvent. */
  readonly position: string;
  readonly reason: string;
}

/** A place in a topic. */
export interface TopicPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** The schema that holds a live projection. */
export const schemaOf = (projection: Pick<Projection, 'name'>): string => `projection_${projection.name}`;
