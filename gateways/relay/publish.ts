import type { Failpoint } from '../../activities/failpoints.ts';
import { encodeCloudEvent, sourceOf } from '../kafka/cloud-events.ts';
import { RecordsRefused } from '../kafka/errors.ts';
import type { ProducedRecord, RecordProducer } from '../kafka/port.ts';
import type { OutboxRow, OutboxSession } from './outbox-session.ts';

export interface PublishDeps {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly failpoint: Failpoint;
  readonly onPublished: (rows: readonly OutboxRow[]) => void;
}

/** Lanes whose oldest rows Kafka refuses, with the refusal. */
export type RefusedLanes = ReadonlyMap<number, RecordsRefused>;

/**
 * Sends rows in the order of their ids, and marks them once every replica has them. A crash in between publishes them again, with
 * the same event ids.
 *
 * A lane whose records Kafka refuses holds back only itself: the others are sent again without it.
 *
 * @throws KafkaUnavailable, or the database's error; whatever was not marked comes again
 */
export async function publish(
  session: Pick<OutboxSession, 'markPublished'>,
  rows: readonly OutboxRow[],
  deps: PublishDeps,
): Promise<RefusedLanes> {
  const refused = new Map<number, RecordsRefused>();
  try {
    await publishAll(session, rows, deps);
  } catch (error) {
    if (!(error instanceof RecordsRefused)) throw error;
    for (const lane of new Set(rows.map((row) => row.lane))) {
      const rowsOfLane = rows.filter((row) => row.lane === lane);
      const refusal = await refusalOf(() => publishAll(session, rowsOfLane, deps));
      if (refusal) refused.set(lane, refusal);
    }
  }
  return refused;
}

async function publishAll(
  session: Pick<OutboxSession, 'markPublished'>,
  rows: readonly OutboxRow[],
  { producer, failpoint, onPublished }: PublishDeps,
): Promise<void> {
  await producer.send(rows.map(toRecord));
  failpoint('relay.after-send');
  await session.markPublished(rows.map(({ id }) => id));
  onPublished(rows);
}

async function refusalOf(attempt: () => Promise<void>): Promise<RecordsRefused | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (error instanceof RecordsRefused) return error;
    throw error;
  }
}

function toRecord(row: OutboxRow): ProducedRecord {
  return encodeCloudEvent({ ...row, source: sourceOf(row.workflowId), time: row.createdAt });
}
