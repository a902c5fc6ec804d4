/** What is applied, by what, and what became of it. */
import type { Pool, PoolClient } from 'pg';
import type { Failpoint } from '../../ground/failpoints.ts';
import type { ConsumedRecord } from '../../kafka/port.ts';
import type { Projection } from './projection.ts';
import type { RecordedEvent } from './recorded-event.ts';
import type { SetAside } from './set-aside.ts';

export interface ApplyDeps {
  readonly pool: Pool;
  readonly projection: Projection;
  /** The live schema, or the one that is being rebuilt. */
  readonly schema: string;
  readonly live: boolean;
  readonly read: (record: ConsumedRecord) => RecordedEvent;
  readonly failpoint: Failpoint;
  /** Records of a partition that are set aside one after the other, at most. */
  readonly setAsideLimit?: number;
  /** Told of each record that was set aside, once that is committed. Must not throw. */
  readonly onSetAside?: (one: SetAside) => void;
}

export type Applied =
  /** Everything up to here is in the tables. */
  | { readonly kind: 'applied'; readonly next: bigint; readonly records: number }
  /** The records are not the ones that come next: read from there. */
  | { readonly kind: 'elsewhere'; readonly next: bigint };

export interface RecordRange {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's id of the topic, where it is known. */
  readonly topicId?: string;
  /** Consecutive, at least one. */
  readonly records: readonly ConsumedRecord[];
  /**
   * The offset from which these records were asked for, if known. Where it is the one that the tables want, a gap before the first
   * record is the log's own (compaction, transaction markers), and not a loss.
   */
  readonly askedFrom: bigint | undefined;
}

/** What is done with records once it is certain that they come next. */
export interface Work {
  /** @returns how many records in a row were set aside, these included */
  (
    client: PoolClient,
    fresh: readonly ConsumedRecord[],
    before: { base: bigint; asideInARow: number },
  ): Promise<number>;
}
