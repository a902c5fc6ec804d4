/**
 * Finds the record that makes a batch fail, and sets it aside. An outage is nobody's fault: the batch comes again. What fails for
 * its content fails at once and always; what fails for an unknown reason has some attempts, for it may pass. Then the batch is
 * halved until the culprit stands alone: the others are applied in their order, as if it had not been there, and so the tables are
 * the same wherever batches begin and end.
 */
import type { PoolClient } from 'pg';
import { faultOf } from '../../ground/fault.ts';
import type { ConsumedRecord } from '../../kafka/port.ts';
import { positionKey } from './offsets.ts';
import type { SetAsideRecord } from './projection.ts';
import { TooManySetAside, noteSetAside, reasonOf, type SetAside } from './set-aside.ts';
import type { Applied, ApplyDeps, RecordRange, Work } from './batch.ts';
import { transactionOf } from './transaction.ts';

/** Failures of a batch for an unknown reason, before it is halved. */
const ATTEMPTS = 5;
const LIMIT = 100;

interface Steps {
  readonly applyAll: (range: RecordRange) => Promise<Applied>;
  readonly applyOnce: (range: RecordRange, work: Work) => Promise<Applied>;
}

export function createIsolation(
  { projection, live, setAsideLimit = LIMIT, onSetAside }: ApplyDeps,
  { applyAll, applyOnce }: Steps,
) {
  /** Failures in a row for an unknown reason, by partition. */
  const unknown = new Map<string, number>();

  /** @throws what is an outage, what may still pass, TooManySetAside */
  return async function applyBatch(range: RecordRange): Promise<Applied> {
    const position = positionKey(range.topic, range.partition);
    try {
      const applied = await applyAll(range);
      unknown.delete(position);
      return applied;
    } catch (error) {
      const fault = faultOf(error);
      if (fault === 'outage') throw error;
      const failures = (unknown.get(position) ?? 0) + 1;
      if (fault === 'unknown' && failures < ATTEMPTS) {
        unknown.set(position, failures);
        throw error;
      }
      const applied = await isolate(range, error);
      unknown.delete(position);
      return applied;
    }
  };

  /** Of a range that has failed as a whole. */
  async function isolate(range: RecordRange, cause: unknown): Promise<Applied> {
    const { records } = range;
    if (records.length === 1) return setAside(range, cause);
    const middle = records.length >> 1;
    const left = await applyPart({ ...range, records: records.slice(0, middle) });
    // An earlier attempt may have come as far as this.
    const isBehind = left.kind === 'elsewhere' && left.next > BigInt(records[middle - 1]?.offset ?? -1);
    if (left.kind === 'elsewhere' && !isBehind) return left;
    // Where the left part ended, the right one was asked for, whatever gap the log has between them.
    const right = await applyPart({ ...range, records: records.slice(middle), askedFrom: left.next });
    const before = left.kind === 'applied' ? left.records : 0;
    return right.kind === 'elsewhere' ? right : { ...right, records: before + right.records };
  }

  async function applyPart(range: RecordRange): Promise<Applied> {
    try {
      return await applyAll(range);
    } catch (error) {
      if (faultOf(error) === 'outage') throw error;
      return isolate(range, error);
    }
  }

  async function setAside(range: RecordRange, cause: unknown): Promise<Applied> {
    const [record] = range.records;
    if (!record) throw cause;
    const { topic, partition, offset } = record;
    const one: SetAside = { topic, partition, offset, records: 1, reason: reasonOf(cause) };
    const noted: SetAside[] = [];
    const applied = await applyOnce(range, async (client, fresh, { base, asideInARow }) => {
      if (fresh.length === 0) return asideInARow;
      if (asideInARow >= setAsideLimit) throw new TooManySetAside(projection.name, one, setAsideLimit, cause);
      const position = base + BigInt(offset);
      await noteSetAside(client, one, position);
      await keep(client, record, { position: String(position), reason: one.reason });
      noted.push(one);
      return asideInARow + 1;
    });
    if (applied.kind === 'applied') noted.forEach((aside) => onSetAside?.(aside));
    return applied;
  }

  /** What of it a projection keeps all the same; if it cannot, its place is what is kept. */
  async function keep(client: PoolClient, record: ConsumedRecord, about: SetAsideRecord): Promise<void> {
    if (!projection.keepSetAside) return;
    await client.query('SAVEPOINT "keep"');
    try {
      await projection.keepSetAside(transactionOf(client, live), record, about);
    } catch (error) {
      if (faultOf(error) === 'outage') throw error;
      await client.query('ROLLBACK TO SAVEPOINT "keep"');
    }
  }
}
