import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { parsePlace } from '../../events/place.ts';
import { REPLAY_OF } from '../../events/record-headers.ts';
import type { Routes } from '../../dispatch/dispatch.ts';
import { POSITION, decodeCursor, encodeCursor } from '../pages/cursor.ts';
import { pageOf, withinBytes, type Sized } from '../pages/page-bytes.ts';
import { Problem } from '../problem.ts';

export const LETTER_STATES = ['open', 'redriven', 'dismissed'] as const;
export type LetterState = (typeof LETTER_STATES)[number];

export interface DeadLetterFilter {
  readonly topic?: string | undefined;
  readonly reason?: string | undefined;
  readonly state?: LetterState | undefined;
  /** The record's key, as text. */
  readonly key?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

interface SummaryRow {
  readonly id: bigint;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
  readonly path: string;
  readonly message: string;
  readonly recordTime: Date;
  readonly createdAt: Date;
  readonly state: string;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly decisionReason: string | null;
}

const RowId = POSITION.natural;
const Position = z.tuple([RowId]);

/** Bytes of a key or a value that an answer shows; the whole of it is in the row, and in `<topic>.dlq`. */
const SHOWN_BYTES = 512 * 1024;
/** Of paths and messages: they come from the record, in part. */
const SHOWN_CHARACTERS = 1_000;

const COLUMNS = Prisma.sql`
  "id", "topic", "partition", "offset", "reason", left("path", ${SHOWN_CHARACTERS}) AS "path",
  left("message", ${SHOWN_CHARACTERS}) AS "message", "record_time" AS "recordTime", "created_at" AS "createdAt", "state",
  "decided_by" AS "decidedBy", "decided_at" AS "decidedAt", "decision_reason" AS "decisionReason"`;

/** One page of dead letters, newest first; without their bytes, which may be large, and personal data. */
export async function listDeadLetters(database: Database, filter: DeadLetterFilter) {
  const { topic, reason, state, key, cursor, limit } = filter;
  const conditions = [
    topic !== undefined && Prisma.sql`"topic" = ${topic}`,
    reason !== undefined && Prisma.sql`"reason" = ${reason}`,
    state !== undefined && Prisma.sql`"state" = ${state}`,
    key !== undefined && Prisma.sql`"key" = ${bytesOf(key)}`,
    cursor !== undefined && Prisma.sql`"id" < ${BigInt(decodeCursor(cursor, Position)[0])}`,
  ].filter((condition) => condition !== false);
  const where = conditions.length > 0 ? Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}` : Prisma.empty;
  const order = Prisma.sql`"id" DESC`;
  const rows = Prisma.sql`
    SELECT ${COLUMNS}, (500 + least(octet_length("path") + octet_length("message"), 4000))::BIGINT AS "size"
    FROM "sagaline_engine"."dead_letters" ${where} ORDER BY ${order} LIMIT ${limit + 1}`;
  const { page, last } = pageOf(await database.$queryRaw<(SummaryRow & Sized)[]>(withinBytes({ rows, order })), limit);
  return { items: page.map(summaryOf), ...(last ? { nextCursor: encodeCursor([String(last.id)]) } : {}) };
}

/**
 * One dead letter, with key, value and headers as they came, up to a size.
 *
 * @throws Problem not-found
 */
export async function findDeadLetter(database: Database, id: string) {
  const [row] = await database.$queryRaw<(SummaryRow & LetterBytes)[]>`
    SELECT ${COLUMNS}, "headers", "omitted", substring("key" FROM 1 FOR ${SHOWN_BYTES}) AS "key", octet_length("key") AS "keyBytes",
      substring("value" FROM 1 FOR ${SHOWN_BYTES}) AS "value", octet_length("value") AS "valueBytes"
    FROM "sagaline_engine"."dead_letters" WHERE "id" = ${letterId(id)}`;
  if (!row) throw noLetter();
  const first = await firstLetter(database, row);
  return {
    ...summaryOf(row),
    ...(first ? { redriveOf: { id: String(first.id), href: hrefOf(first.id) } } : {}),
    headers: row.headers,
    ...(row.omitted === null ? {} : { omitted: row.omitted }),
    ...(row.key ? { key: readable(row.key, row.keyBytes) } : {}),
    ...(row.value ? { value: readable(row.value, row.valueBytes) } : {}),
  };
}

interface LetterBytes {
  readonly headers: Record<string, unknown>;
  /** By part, what was too large to be kept: its size and digest. */
  readonly omitted: Record<string, unknown> | null;
  readonly key: Uint8Array | null;
  readonly keyBytes: number | null;
  readonly value: Uint8Array | null;
  readonly valueBytes: number | null;
}

/** The letter whose redrive this one is: its record says where it was first. Of the same key, for anybody can say so. */
async function firstLetter(database: Database, { id, headers, key }: Pick<SummaryRow, 'id'> & LetterBytes) {
  const said = headers[REPLAY_OF];
  const text: unknown = Array.isArray(said) ? said[0] : said;
  const place = typeof text === 'string' ? parsePlace(text) : undefined;
  if (!place || !key) return undefined;
  const { topic, partition, offset, topicLife = 1 } = place;
  const [first] = await database.$queryRaw<{ id: bigint }[]>`
    SELECT "id" FROM "sagaline_engine"."dead_letters"
    WHERE "topic" = ${topic} AND "topic_life" = ${topicLife} AND "partition" = ${partition} AND "offset" = ${BigInt(offset)}
      AND "key" = ${new Uint8Array(key)} AND "id" < ${id}`;
  return first;
}

const hrefOf = (id: bigint): string => `/v1/dead-letters/${id}`;

/** Letters told of one saga, at most: the newest. */
const OF_A_SAGA = 10;

/** The newest dead letters among the events that a saga starts on or follows: their key is its id. */
export async function deadLettersOfSaga(database: Database, routes: Routes, workflowId: string) {
  const at = workflowId.indexOf(':');
  const [name, sagaId] = [workflowId.slice(0, at), workflowId.slice(at + 1)];
  const saga = routes.sagas.find((one) => one.name === name);
  if (!saga) return [];
  const topics = [saga.on, ...saga.followUps.map(({ type }) => type)];
  const rows = await database.$queryRaw<SummaryRow[]>`
    SELECT ${COLUMNS} FROM "sagaline_engine"."dead_letters" WHERE "key" = ${bytesOf(sagaId)} AND "topic" = ANY (${topics})
    ORDER BY "id" DESC LIMIT ${OF_A_SAGA}`;
  return rows.map(summaryOf).map(({ id, href, reason, path, topic, state, createdAt }) => {
    return { id, href, reason, path, topic, state, createdAt };
  });
}

/** @throws Problem not-found for what no letter has */
export function letterId(id: string): bigint {
  if (!RowId.safeParse(id).success) throw noLetter();
  return BigInt(id);
}

export const noLetter = (): Problem => new Problem('not-found', 'no dead letter has this id');

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

function summaryOf(row: SummaryRow) {
  const { id, topic, partition, offset, reason, path, message, recordTime, createdAt } = row;
  return {
    id: String(id),
    href: hrefOf(id),
    reason,
    path,
    message,
    topic,
    partition,
    offset: String(offset),
    recordTime: recordTime.toISOString(),
    createdAt: createdAt.toISOString(),
    ...decisionOf(row),
  };
}

/** What somebody did with it, by whom, when and why. */
export function decisionOf({ state, decidedBy, decidedAt, decisionReason }: Omit<SummaryRow, 'id' | 'topic'>) {
  return {
    state: state as LetterState,
    ...(decidedBy === null ? {} : { decidedBy }),
    ...(decidedAt === null ? {} : { decidedAt: decidedAt.toISOString() }),
    ...(decisionReason === null ? {} : { decisionReason }),
  };
}

/** A cut that goes through a character makes it no text any more: then it is shown without its last bytes. */
function readable(bytes: Uint8Array, whole: number | null) {
  const isCut = whole !== null && whole > bytes.length;
  const text = isCut
    ? [0, 1, 2, 3].map((less) => bytes.subarray(0, bytes.length - less)).find((one) => isUtf8(one))
    : bytes;
  const rest = isCut ? { bytes: whole } : {};
  return text && isUtf8(text)
    ? { encoding: 'utf8' as const, data: Buffer.from(text).toString('utf8'), ...rest }
    : { encoding: 'base64' as const, data: Buffer.from(bytes).toString('base64'), ...rest };
}
