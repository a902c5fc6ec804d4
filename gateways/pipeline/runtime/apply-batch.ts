/**
 * Applies records to a projection with effect exactly once: its rows and its offset change in one transaction, and the offset's
 * row is locked first, so a member that lost its partition without knowing changes nothing (Kafka's group is only a way to
 * share the work; nothing rests on its commits).
 */
import type { Pool, PoolClient } from 'pg';
import type { Failpoint } from '../../../activities/failpoints.ts';
import type { ConsumedRecord } from '../../kafka/port.ts';
import { createIsolation } from './isolate.ts';
import { beginLife, lifeOf } from './lives.ts';
import { lockPlace, movePlace } from './offsets.ts';
import type { Projection, ProjectionTransaction } from './projection.ts';
import type { RecordedEvent } from './recorded-event.ts';
import { inTransaction, useSchema } from './schema.ts';
import { noteSetAside, undecodableOf, type SetAside } from './set-aside.ts';

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

export function createApply(deps: ApplyDeps) {
  const { pool, projection, schema, live, read, failpoint, onSetAside } = deps;

  /** One transaction: all of it, or nothing. */
  async function applyOnce(
    { topic, partition, topicId, records, askedFrom }: RecordRange,
    work: Work,
  ): Promise<Applied> {
    const first = BigInt(records[0]?.offset ?? 0);
    const last = BigInt(records.at(-1)?.offset ?? -1);
    const applied = await inTransaction<Applied>(pool, async (client) => {
      await useSchema(client, schema);
      let place = await lockPlace(client, topic, partition);
      const life = await lifeOf(client, place, { topic, partition, ...(topicId !== undefined && { topicId }) });
      if (life === 'over') return { kind: 'elsewhere', next: place.next ?? 0n };
      if (life === 'next') place = await beginLife(client, place, { topic, partition, topicId: topicId ?? null });
      const { next, base, asideInARow } = place;
      if (next !== undefined && (last < next || (first > next && askedFrom !== next)))
        return { kind: 'elsewhere', next };
      const fresh = next === undefined ? records : records.filter(({ offset }) => BigInt(offset) >= next);
      const moved = { next: last + 1n, topicId: topicId ?? place.topicId };
      await movePlace(client, topic, partition, {
        ...moved,
        asideInARow: await work(client, fresh, { base, asideInARow }),
      });
      failpoint('projection.before-commit');
      return { kind: 'applied', next: moved.next, records: fresh.length };
    });
    failpoint('projection.after-commit');
    return applied;
  }

  async function applyAll(range: RecordRange): Promise<Applied> {
    let noted: readonly SetAside[] = [];
    const applied = await applyOnce(range, async (client, fresh, { base }) => {
      await projection.apply(
        transactionOf(client, live),
        fresh.map((record) => placed(read(record), base)),
      );
      noted = fresh.flatMap((record) => undecodableOf(record) ?? []);
      for (const one of noted) await noteSetAside(client, one, base + BigInt(one.offset));
      return 0;
    });
    if (applied.kind === 'applied') noted.forEach((one) => onSetAside?.(one));
    return applied;
  }

  return createIsolation(deps, { applyAll, applyOnce });
}

/** An event's place over all lives of its topic. */
function placed(event: RecordedEvent, base: bigint): RecordedEvent {
  return base === 0n ? event : { ...event, position: String(base + BigInt(event.record.offset)) };
}

export function transactionOf(client: PoolClient, live: boolean): ProjectionTransaction {
  return {
    live,
    async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
      const { rows } = await client.query<Row>(sql, [...values]);
      return rows;
    },
  };
}
