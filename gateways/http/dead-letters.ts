import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { Database } from '../../prisma/database.ts';
import type { DeadLetterModel } from '../../prisma/generated/models.ts';
import { POSITION, decodeCursor, encodeCursor } from './cursor.ts';
import { Problem } from './problem.ts';

export interface DeadLetterFilter {
  readonly topic?: string | undefined;
  readonly reason?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

type SummaryRow = Omit<DeadLetterModel, 'key' | 'value' | 'headers'>;

const RowId = POSITION.natural;
const Position = z.tuple([RowId]);

/** One page of dead letters, newest first; without their bytes, which may be large, and personal data. */
export async function listDeadLetters(database: Database, { topic, reason, cursor, limit }: DeadLetterFilter) {
  const before = cursor === undefined ? undefined : BigInt(decodeCursor(cursor, Position)[0]);
  const rows = await database.deadLetter.findMany({
    where: {
      ...(topic === undefined ? {} : { topic }),
      ...(reason === undefined ? {} : { reason }),
      ...(before === undefined ? {} : { id: { lt: before } }),
    },
    omit: { key: true, value: true, headers: true },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { items: page.map(summaryOf), ...(last ? { nextCursor: encodeCursor([String(last.id)]) } : {}) };
}

/**
 * One dead letter, with key, value and headers as they came.
 *
 * @throws Problem not-found
 */
export async function findDeadLetter(database: Database, id: string) {
  const row = RowId.safeParse(id).success ? await database.deadLetter.findUnique({ where: { id: BigInt(id) } }) : null;
  if (!row) throw new Problem('not-found', 'no dead letter has this id');
  return {
    ...summaryOf(row),
    headers: row.headers as Record<string, unknown>,
    ...(row.key ? { key: readable(row.key) } : {}),
    ...(row.value ? { value: readable(row.value) } : {}),
  };
}

function summaryOf({ id, topic, partition, offset, reason, path, message, recordTime, createdAt }: SummaryRow) {
  return {
    id: String(id),
    href: `/v1/dead-letters/${id}`,
    reason,
    path,
    message,
    topic,
    partition,
    offset: String(offset),
    recordTime: recordTime.toISOString(),
    createdAt: createdAt.toISOString(),
  };
}

function readable(bytes: Uint8Array) {
  return isUtf8(bytes)
    ? { encoding: 'utf8' as const, data: Buffer.from(bytes).toString('utf8') }
    : { encoding: 'base64' as const, data: Buffer.from(bytes).toString('base64') };
}
