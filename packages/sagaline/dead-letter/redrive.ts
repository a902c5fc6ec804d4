/**
 * Produces the records of dead letters once more, when what was wrong with them has been mended: in code, in a schema, or at the
 * server that did not take them.
 */
import type { Database } from '../prisma/database.ts';
import type { DeadLetterModel } from '../prisma/generated/models.ts';
import type { ProducedRecord, RecordProducer } from '../kafka/port.ts';
import { replayOf } from '../replay/replay-records.ts';
import { loadReplaySeal, type ReplaySeal } from '../replay/replay-seal.ts';

/**
 * `sent`: its topic has the record again. `notFound`: no letter has this id. `notKept`: the record was too large for its letter, or
 * nobody could read it: what is left of it is size and digest.
 */
export type Redriven = 'sent' | 'notFound' | 'notKept';

export interface RedriveDeps {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly database: Database;
}

/**
 * Redrives letters in the order of their records, whatever the order of the ids, so that the events of one key keep theirs. Key,
 * value and the headers that mean something go out as they came. The record is the same event as before: without an id of its own
 * it is known by the place it had first, which goes along under the installation's seal. So redriving twice, or after somebody else,
 * has one effect.
 *
 * Resolves when every in-sync replica has the records; what it throws is Kafka's or the database's, and redriving again is right.
 */
export function createRedrive({ producer, database }: RedriveDeps) {
  let sealing: Promise<ReplaySeal> | undefined;

  return async function redrive(ids: readonly bigint[]): Promise<ReadonlyMap<bigint, Redriven>> {
    const letters = await database.deadLetter.findMany({
      where: { id: { in: [...ids] } },
      orderBy: [{ topic: 'asc' }, { partition: 'asc' }, { topicLife: 'asc' }, { offset: 'asc' }],
    });
    sealing ??= loadReplaySeal(database);
    const seal = await sealing.catch((error: unknown) => {
      sealing = undefined;
      throw error;
    });
    const kept = letters.filter(({ omitted }) => omitted === null);
    for (const letter of kept) await reopen(database, letter);
    await producer.send(kept.map((letter) => recordOf(letter, seal)));

    const sent = new Set(kept.map(({ id }) => id));
    const known = new Set(letters.map(({ id }) => id));
    return new Map(ids.map((id) => [id, sent.has(id) ? 'sent' : known.has(id) ? 'notKept' : 'notFound']));
  };
}

/**
 * An event whose record was buried after it had been recorded is known as dead-lettered, and would be ignored as a duplicate. It is
 * received again, and so is its saga, which never ran. Should the record not follow, the sweeper takes it up from here.
 */
async function reopen(database: Database, { topic, topicLife, partition, offset }: DeadLetterModel): Promise<void> {
  await database.$executeRaw`
    WITH event AS (
      UPDATE sagaline_engine.inbox SET state = 'received', handled_at = NULL, received_at = now()
      WHERE topic = ${topic} AND topic_life = ${topicLife} AND partition = ${partition} AND "offset" = ${offset}
        AND state = 'deadLettered'
      RETURNING event_id, workflow_id
    )
    UPDATE sagaline_engine.sagas SET state = 'running', closed_at = NULL, updated_at = now()
    FROM event
    WHERE sagas.workflow_id = event.workflow_id AND sagas.event_id = event.event_id AND sagas.state = 'failed'`;
}

function recordOf(letter: DeadLetterModel, seal: ReplaySeal): ProducedRecord {
  const { topic, topicLife, partition } = letter;
  const headers = letter.headers as Record<string, string[]>;
  const record = {
    ...{ topic, topicLife, partition, headers, timestamp: 0 },
    offset: String(letter.offset),
    key: letter.key && Buffer.from(letter.key),
    value: letter.value && Buffer.from(letter.value),
  };
  return replayOf(record, seal);
}
