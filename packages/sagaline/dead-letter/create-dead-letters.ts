import type { Transaction } from '../prisma/database.ts';
import { RecordsRefused } from '../kafka/errors.ts';
import type { ConsumedRecord, RecordProducer } from '../kafka/port.ts';
import { MAX_KEPT_VALUE_BYTES } from './kept.ts';
import { toDeadLetterRecord, toDeadLetterRow, type DeadLetter } from './letter.ts';

/** Values up to this size fit wherever Kafka's default limit of 1 MB holds, headers included. */
const SURELY_FITS_BYTES = 900_000;

export interface DeadLetters {
  /**
   * Writes each letter to `<topic>.dlq` and to the table, and resolves when both have it. Writing one again is harmless:
   * the table knows its position, and the topic gets a copy. Throws when one cannot be written: its offset must be held.
   */
  write(letters: readonly DeadLetter[], tx?: Transaction): Promise<void>;
}

export function createDeadLetters(producer: RecordProducer, database: Transaction): DeadLetters {
  async function write(letters: readonly DeadLetter[], tx = database): Promise<void> {
    if (letters.length === 0) return;
    // The row comes first: a record that points to it may be read at once.
    await tx.deadLetter.createMany({ data: letters.map(toDeadLetterRow), skipDuplicates: true });
    const tooLarge = letters.filter((letter) => sizeOf(letter) > MAX_KEPT_VALUE_BYTES);
    try {
      await producer.send(await pointToRows(letters, tooLarge, tx));
    } catch (error) {
      const isTooLarge = error instanceof RecordsRefused && error.code === 'MESSAGE_TOO_LARGE';
      const large = letters.filter((letter) => sizeOf(letter) > SURELY_FITS_BYTES);
      if (!isTooLarge || large.length === tooLarge.length) throw error;
      await producer.send(await pointToRows(letters, large, tx));
    }
  }

  return { write };
}

/** The letters as records; those that are too large for the topic leave their value in the row, and say which row. */
async function pointToRows(letters: readonly DeadLetter[], large: readonly DeadLetter[], tx: Transaction) {
  if (large.length === 0) return letters.map((letter) => toDeadLetterRecord(letter));
  const rows = await tx.deadLetter.findMany({
    where: { OR: large.map(({ record }) => positionOf(record)) },
    select: { id: true, topic: true, topicLife: true, partition: true, offset: true },
  });
  const ids = new Map(rows.map(({ id, ...position }) => [keyOf(position), id]));
  return letters.map((letter) => toDeadLetterRecord(letter, ids.get(keyOf(positionOf(letter.record)))));
}

const sizeOf = ({ record }: DeadLetter): number => record.value?.length ?? 0;

function positionOf({ topic, topicLife = 1, partition, offset }: ConsumedRecord) {
  return { topic, topicLife, partition, offset: BigInt(offset) };
}

function keyOf({ topic, topicLife, partition, offset }: ReturnType<typeof positionOf>): string {
  return `${topic}@${topicLife}/${partition}/${offset}`;
}
