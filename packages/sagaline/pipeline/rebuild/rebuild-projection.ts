/** Builds a projection anew beside the live one, and puts it in its place. */
import { setTimeout } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { ConsumedBatch, ConsumedRecord, Kafka } from '../../kafka/port.ts';
import { rangesOf, type From } from '../../kafka/range.ts';
import type { PartitionRange } from '../../kafka/read-range.ts';
import { createApply } from '../runtime/apply-batch.ts';
import { positionKey } from '../runtime/offsets.ts';
import type { Projection } from '../runtime/projection.ts';
import type { RecordedEvent } from '../runtime/recorded-event.ts';
import { TopicEndsBelow } from '../runtime/lives.ts';
import { groupOf } from '../runtime/run-projection.ts';
import { createProgress, type Progress } from './progress.ts';
import { startsOf } from './starts.ts';
import { dropSchema } from './drop-schema.ts';
import { refuseHarm } from './refuse-harm.ts';
import { oldSchemaOf, prepareSchema, rebuildSchemaOf, switchSchemas } from './switch-schemas.ts';

export interface RebuildDeps {
  readonly projection: Projection;
  readonly pool: Pool;
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly read: (record: ConsumedRecord) => RecordedEvent;
  readonly from: From;
  /** Whatever the projection has against it. */
  readonly force?: boolean;
  /** Records of a partition that are set aside one after the other, at most. */
  readonly setAsideLimit?: number;
  readonly onProgress: (progress: Progress) => void;
}

export interface Rebuilt {
  readonly records: number;
  readonly durationMs: number;
}

/** Somebody else rebuilds this projection at the moment. */
export class RebuildRuns extends Error {
  override readonly name = 'RebuildRuns';
}

/** Records of two lives of a topic do not belong into one rebuild: it would wait for records that are gone. */
export class TopicMadeAnew extends Error {
  override readonly name = 'TopicMadeAnew';
  constructor({ name }: Pick<Projection, 'name'>, topic: string) {
    super(
      `topic ${topic} was made anew while projection ${name} was being rebuilt; the live view has not been touched: ` +
        `npm run saga -- projection rebuild ${name} starts again`,
    );
  }
}

/** The rebuild is done, and only what it replaced is still there. */
export class OldTablesLeft extends Error {
  override readonly name = 'OldTablesLeft';
  constructor(projection: Projection, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `projection ${projection.name} is rebuilt and live, but its former tables could not be dropped: ${reason}. ` +
        `The next rebuild does it, or DROP SCHEMA ${oldSchemaOf(projection)} CASCADE`,
      { cause },
    );
  }
}

const MAX_RECORDS = 5_000;
/** Silence after which what is missing up to an end offset is no record (a transaction's marker), ms. */
const IDLE_MS = 10_000;
const LOOK_EVERY_MS = 100;
/** Transactions that fail one after the other, with growing pauses in between. */
const MAX_FAILURES = 4;

/**
 * Resolves when the rebuilt tables are the live ones. The live projection goes on meanwhile, and goes on afterwards from the
 * rebuilt offsets; if this fails or is killed, the live one has not been touched.
 *
 * @throws RebuildRuns, RebuildRefused, OldTablesLeft, and what Kafka and the database say
 */
export function rebuildProjection(deps: RebuildDeps): Promise<Rebuilt> {
  return withLock(deps.pool, deps.projection, (lockLost) => rebuild(deps, lockLost));
}

async function rebuild(deps: RebuildDeps, lockLost: Promise<never>): Promise<Rebuilt> {
  const { projection, pool, kafka, groupId, read, from, onProgress } = deps;
  const began = performance.now();
  const goals = await goalsOf(kafka, projection, from);
  const starts = await startsOf(deps, goals);
  if (deps.force !== true) await refuseHarm(pool, projection, starts);
  await prepareSchema(pool, projection, starts);
  const askedFrom = new Map(starts.map(({ topic, partition, from: begin }) => [positionKey(topic, partition), begin]));
  const topicIds = new Map(starts.map(({ topic, topicId }) => [topic, topicId]));
  const isMadeAnew = ({ topic, topicId }: { readonly topic: string; readonly topicId?: string }): boolean => {
    const known = topicIds.get(topic) ?? topicId;
    return topicId !== undefined && known !== topicId;
  };
  const progress = createProgress(totalOf(goals));
  const schema = rebuildSchemaOf(projection);
  const applyBatch = createApply({
    ...{ pool, projection, schema, read, live: false, failpoint: () => undefined },
    ...(deps.setAsideLimit !== undefined && { setAsideLimit: deps.setAsideLimit }),
  });
  let records = 0;
  let giveUp: (error: unknown) => void;
  const gaveUp = new Promise<never>((_, reject) => (giveUp = reject));
  gaveUp.catch(() => undefined);
  let failures = 0;
  let inHand = 0;
  let lastSign = performance.now();
  let switched = false;

  async function handle(batch: ConsumedBatch): Promise<void> {
    // The name means nothing any more: these records are the live projection's to apply.
    if (switched) return;
    const position = positionKey(batch.topic, batch.partition);
    inHand += 1;
    try {
      if (isMadeAnew(batch)) throw new TopicMadeAnew(projection, batch.topic);
      const applied = await applyBatch({ ...batch, askedFrom: askedFrom.get(position) });
      askedFrom.set(position, applied.next);
      if (applied.kind === 'elsewhere') return batch.seek(String(applied.next));
      batch.resolve(batch.records.at(-1)?.offset ?? '0');
      records += applied.records;
      failures = 0;
      onProgress(progress.add(applied.records));
    } catch (error) {
      // What fails again and again is a bug in the projection, or a server that is gone: nobody waits for a rebuild for ever.
      if (++failures >= MAX_FAILURES || error instanceof TopicMadeAnew) giveUp(error);
      throw error;
    } finally {
      inHand -= 1;
      lastSign = performance.now();
    }
  }

  const isSilent = () => records > 0 && inHand === 0 && performance.now() - lastSign > IDLE_MS;
  const isThere = () =>
    isSilent() ||
    [...goals].every(([topic, ranges]) =>
      ranges.every(({ partition, from: begin, to }) => (askedFrom.get(positionKey(topic, partition)) ?? begin) >= to),
    );

  onProgress(progress.add(0));
  const group = `${groupOf(groupId, projection)}-rebuild-${Date.now().toString(36)}`;
  const consumer = await kafka.createConsumer({
    groupId: group,
    topics: projection.topics,
    concurrency: projection.concurrency ?? 1,
    maxRecords: projection.maxRecords ?? MAX_RECORDS,
    startAt: (topic, partition) => askedFrom.get(positionKey(topic, partition))?.toString(),
    onPartitionEndsBelow(gap) {
      giveUp(isMadeAnew(gap) ? new TopicMadeAnew(projection, gap.topic) : new TopicEndsBelow(projection.name, gap));
      return undefined;
    },
    handle,
  });
  try {
    while (!(isThere() && (switched = await switchSchemas(pool, projection)))) {
      await Promise.race([consumer.failed, gaveUp, lockLost, setTimeout(LOOK_EVERY_MS)]);
    }
  } finally {
    await consumer.close();
    await kafka.deleteGroup(group);
  }
  await dropSchema(pool, oldSchemaOf(projection)).catch((error: unknown) => {
    throw new OldTablesLeft(projection, error);
  });
  return { records, durationMs: performance.now() - began };
}

async function goalsOf(kafka: Kafka, projection: Projection, from: From): Promise<Map<string, PartitionRange[]>> {
  const entries = projection.topics.map(async (topic) => [topic, await rangesOf(kafka, topic, from)] as const);
  return new Map(await Promise.all(entries));
}

function totalOf(goals: ReadonlyMap<string, readonly PartitionRange[]>): number {
  let total = 0n;
  for (const { from, to } of [...goals.values()].flat()) total += to - from;
  return Number(total);
}

/** The lock belongs to a session, so it goes with this process, however that ends. */
async function withLock<T>(pool: Pool, projection: Projection, work: (lost: Promise<never>) => Promise<T>): Promise<T> {
  const session = await pool.connect();
  // Without a listener, a connection that breaks while nothing is asked of it ends the process.
  const lost = new Promise<never>((_, reject) => session.on('error', reject));
  lost.catch(() => undefined);
  try {
    const { rows } = await session.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_lock(hashtextextended($1, 7743)) AS "locked"`,
      [projection.name],
    );
    if (!rows[0]?.locked) throw new RebuildRuns(`projection ${projection.name} is being rebuilt by another process`);
    return await work(lost);
  } finally {
    // Said, because the end of the session comes some time after it was asked for.
    await session.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    session.release(true);
  }
}
