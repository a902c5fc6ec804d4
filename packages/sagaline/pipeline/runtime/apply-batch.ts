/**
 * Applies records to a projection with effect exactly once: its rows and its offset change in one transaction, and the offset's
 * row is locked first, so a member that lost its partition without knowing changes nothing (Kafka's group is only a way to
 * share the work; nothing rests on its commits).
 */
import type { Applied, ApplyDeps, RecordRange, Work } from './batch.ts';
import { createIsolation } from './isolate.ts';
import { beginLife, lifeOf } from './lives.ts';
import { lockPlace, movePlace } from './offsets.ts';
import type { RecordedEvent } from './recorded-event.ts';
import { noteSetAside, undecodableOf, type SetAside } from './set-aside.ts';
import { inTransaction, transactionOf, useSchema } from './transaction.ts';

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
