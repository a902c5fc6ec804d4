import type { Failpoint } from '../ground/failpoints.ts';
import { encodeCloudEvent, sourceOf } from '../events/cloud-events.ts';
import { KafkaUnavailable, RecordsRefused } from '../kafka/errors.ts';
import type { ProducedRecord, RecordProducer } from '../kafka/port.ts';
import type { OutboxRow, OutboxSession } from './outbox-session.ts';

export interface PublishDeps {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly failpoint: Failpoint;
  readonly onPublished: (rows: readonly OutboxRow[]) => void;
}

/** Why a row did not go out. */
export interface Refusal {
  readonly row: OutboxRow;
  /** Kafka's code, or the name of the error. */
  readonly code: string;
  /**
   * - `key`: the record is refused for what it is; what follows it in its topic and key waits for it
   * - `topic`: the topic is refused: missing, not allowed
   * - `outage`: the topic is not taken at the moment, without a fault of anybody's
   */
  readonly holds: 'key' | 'topic' | 'outage';
}

/** About the topic rather than a record of it. */
const ABOUT_THE_TOPIC = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_REQUIRED_ACKS',
]);

const UNAVAILABLE = 'UNAVAILABLE';
/** Topics that are not taken, one after the other, before the rest is not tried: each costs the producer's whole patience. */
const SEEMS_DOWN = 2;

/**
 * Sends rows in the order of their ids, and marks them once every replica has them. A crash in between publishes them again, with
 * the same event ids.
 *
 * Where Kafka does not take them all, they are sent by topic, and within a topic in halves, until it is known what it is that is
 * not taken: that alone is held back. What is acknowledged on the way is marked at once, so nothing goes out again and again
 * because of a neighbour. Order holds within a topic and key, which is all that a reader of Kafka can see.
 *
 * @returns what is to be held back
 * @throws the database's error; whatever was not marked comes again
 */
export async function publish(
  session: Pick<OutboxSession, 'markPublished'>,
  rows: readonly OutboxRow[],
  deps: PublishDeps,
): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  const isHeld = ({ topic, key }: OutboxRow): boolean =>
    refusals.some(({ row, holds }) => row.topic === topic && (holds !== 'key' || row.key === key));

  async function send(some: readonly OutboxRow[]): Promise<void> {
    const [first] = some;
    if (!first) return;
    const outages = refusals.filter(({ holds }) => holds === 'outage');
    if (outages.length >= SEEMS_DOWN) return void refusals.push({ row: first, code: UNAVAILABLE, holds: 'outage' });
    const failure = await attempt(some, deps);
    if (!failure) {
      await session.markPublished(some.map(({ id }) => id));
      return deps.onPublished(some);
    }
    const parts = holdsOf(failure) === 'key' ? halvesOf(some) : topicsOf(some);
    if (parts.length < 2) return void refusals.push({ row: first, code: codeOf(failure), holds: holdsOf(failure) });
    for (const part of parts) await send(part.filter((row) => !isHeld(row)));
  }

  await send(rows);
  return refusals;
}

/** Undefined when every row is on Kafka. An error that nobody knows, such as of a row that cannot be encoded, is the rows' too. */
async function attempt(rows: readonly OutboxRow[], { producer, failpoint }: PublishDeps): Promise<Error | undefined> {
  try {
    await producer.send(rows.map(toRecord));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  failpoint('relay.after-send');
  return undefined;
}

function holdsOf(error: Error): Refusal['holds'] {
  if (error instanceof KafkaUnavailable) return 'outage';
  return error instanceof RecordsRefused && ABOUT_THE_TOPIC.has(error.code) ? 'topic' : 'key';
}

function codeOf(error: Error): string {
  if (error instanceof RecordsRefused) return error.code;
  return error instanceof KafkaUnavailable ? UNAVAILABLE : error.name;
}

/** By topic, each in the order of ids. */
function topicsOf(rows: readonly OutboxRow[]): OutboxRow[][] {
  const topics = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const ofTopic = topics.get(row.topic) ?? [];
    ofTopic.push(row);
    topics.set(row.topic, ofTopic);
  }
  return [...topics.values()];
}

/** Topics first; one topic in two halves; a row alone as it is. */
function halvesOf(rows: readonly OutboxRow[]): OutboxRow[][] {
  const topics = topicsOf(rows);
  if (topics.length > 1 || rows.length < 2) return topics;
  const middle = Math.ceil(rows.length / 2);
  return [rows.slice(0, middle), rows.slice(middle)];
}

function toRecord(row: OutboxRow): ProducedRecord {
  return encodeCloudEvent({ ...row, source: sourceOf(row.workflowId), time: row.createdAt });
}
