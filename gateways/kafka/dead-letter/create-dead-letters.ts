import type { Transaction } from '../../../prisma/database.ts';
import { RecordsRefused } from '../errors.ts';
import type { ConsumedRecord, RecordProducer } from '../port.ts';
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
    try {
      await producer.send(letters.map((letter) => toDeadLetterRecord(letter)));
    } catch (error) {
      const isTooLarge = error instanceof RecordsRefused && error.code === 'MESSAGE_TOO_LARGE';
      if (!isTooLarge || !letters.some(isLarge)) throw error;
      await producer.send(await pointToRows(letters, tx));
    }
  }

  return { write };
}

/** What is too large for the topic leaves its value in the row, and says which row. */
async function pointToRows(letters: readonly DeadLetter[], tx: Transaction) {
  const rows = await tx.deadLetter.findMany({
    where: { OR: letters.filter(isLarge).map(({ record }) => positionOf(record)) },
    select: { id: true, topic: true, partition: true, offset: true },
  });
  const ids = new Map(rows.map(({ id, ...position }) => [keyOf(position), id]));
  return letters.map((letter) => toDeadLetterRecord(letter, ids.get(keyOf(positionOf(letter.record)))));
}

function isLarge({ record }: DeadLetter): boolean {
  return (record.value?.length ?? 0) > SURELY_FITS_BYTES;
}

function positionOf({ topic, partition, offset }: ConsumedRecord) {
  return { topic, partition, offset: BigInt(offset) };
}

function keyOf({ topic, partition, offset }: ReturnType<typeof positionOf>): string {
  return `${topic}/${partition}/${offset}`;
}
