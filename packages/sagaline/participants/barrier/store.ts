/** The rows of the barrier in PostgreSQL. Every method is one statement, and so one transaction. */
import { createHash, randomUUID } from 'node:crypto';
import type { SqlDatabase } from '../../prisma/sql-database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { KeyReused } from '../../contracts/failures.ts';
import type { WorkflowId } from '../workflow-id.ts';
import type { CallRow, CallStore } from './ports.ts';

/** For how long whoever looks at an undone row has it to itself, in ms; longer than look-up and undoing take together. */
const LEASE_MS = 60_000;

const columns = Prisma.sql`
  "key", "state", "undone", "answer", "call", "input_hash" AS "inputHash", "input_hash" IS NOT NULL AS "asked",
  COALESCE(GREATEST(0, EXTRACT(EPOCH FROM "attempt_expires_at" - clock_timestamp()) * 1000), 0)::float8 AS "openForMs"`;
type StoredRow<Answer extends object> = CallRow<Answer> & { readonly call: string; readonly inputHash: string | null };

/** Whether an attempt may still begin under a row. */
const isOpen = Prisma.sql`"participant_calls"."state" = 'intent' AND NOT "participant_calls"."undone"`;

/** @param call participant and call, such as `hotel.booking` */
export function createCallStore<Answer extends object>(
  database: SqlDatabase,
  call: string,
  workflowId: WorkflowId,
): CallStore<object, Answer> {
  type Row = StoredRow<Answer>;

  const ours = (row: Row | undefined): Row => {
    if (!row) throw new Error('the row of the call is gone: rows of participant_calls are never deleted');
    if (row.call !== call) throw new KeyReused(row.key);
    return row;
  };

  return {
    async open(key, input, attemptMs) {
      const attemptId = randomUUID();
      const hash = hashOf(input);
      // xmax is 0 in a row that this very statement inserted, and not in one that it found.
      const [row] = await database.$queryRaw<(Row & { fresh: boolean })[]>`
        INSERT INTO "sagaline_engine"."participant_calls" ("key", "call", "input_hash", "state", "workflow_id", "attempt_id", "attempt_expires_at")
        VALUES (${key}, ${call}, ${hash}, 'intent', ${workflowId() ?? null}, ${attemptId}, ${until(attemptMs)})
        ON CONFLICT ("key") DO UPDATE SET
          "attempt_id" = CASE WHEN ${isOpen} THEN EXCLUDED."attempt_id" ELSE "participant_calls"."attempt_id" END,
          "earlier_attempts_expire_at" = CASE WHEN ${isOpen}
            THEN "participant_calls"."attempt_expires_at" ELSE "participant_calls"."earlier_attempts_expire_at" END,
          "attempt_expires_at" = CASE WHEN ${isOpen}
            THEN GREATEST("participant_calls"."attempt_expires_at", EXCLUDED."attempt_expires_at")
            ELSE "participant_calls"."attempt_expires_at" END
        RETURNING ${columns}, (xmax = 0) AS "fresh"`;
      const stored = ours(row);
      if (stored.asked && stored.inputHash !== hash) throw new KeyReused(key);
      return { ...stored, attemptId, fresh: row?.fresh ?? false };
    },

    async markUndone(key) {
      const [row] = await database.$queryRaw<Row[]>`
        INSERT INTO "sagaline_engine"."participant_calls" ("key", "call", "state", "undone", "workflow_id")
        VALUES (${key}, ${call}, 'intent', true, ${workflowId() ?? null})
        ON CONFLICT ("key") DO UPDATE SET "undone" = true, "updated_at" = now()
        WHERE "participant_calls"."call" = EXCLUDED."call"
        RETURNING ${columns}`;
      if (!row) throw new KeyReused(key);
      return row;
    },

    async answered({ key }, answer, { orSweep }) {
      const [row] = await database.$queryRaw<Row[]>`
        UPDATE "sagaline_engine"."participant_calls" SET "state" = 'done', "answer" = ${JSON.stringify(answer)}::json, "updated_at" = now(),
          "sweep_at" = CASE WHEN "undone" AND ${orSweep} THEN ${until(LEASE_MS)} END
        WHERE "key" = ${key} AND "state" = 'intent' RETURNING ${columns}`;
      if (row) return row;
      // Nothing changed: an attempt that ran beside this one recorded the same answer.
      const [known] = await database.$queryRaw<Row[]>`
        SELECT ${columns} FROM "sagaline_engine"."participant_calls" WHERE "key" = ${key}`;
      return ours(known);
    },

    async takenBack({ key }) {
      await database.$executeRaw`
        UPDATE "sagaline_engine"."participant_calls" SET "state" = 'undone', "undone" = true, "updated_at" = now(), "sweep_at" = NULL
        WHERE "key" = ${key} AND "state" = 'done'`;
    },

    async endAttempt({ key, attemptId }) {
      await database.$executeRaw`
        UPDATE "sagaline_engine"."participant_calls"
        SET "attempt_expires_at" = GREATEST("earlier_attempts_expire_at", now()), "updated_at" = now()
        WHERE "key" = ${key} AND "state" = 'intent' AND "attempt_id" = ${attemptId}`;
    },

    async takeUnsettled(limit) {
      return database.$queryRaw<(Row & { sweeps: number })[]>`
        UPDATE "sagaline_engine"."participant_calls" SET "sweep_at" = ${until(LEASE_MS)} WHERE "key" IN (
          SELECT "key" FROM "sagaline_engine"."participant_calls"
          WHERE "call" = ${call} AND "undone" AND "settled_at" IS NULL AND "input_hash" IS NOT NULL
            AND "state" IN ('intent', 'done') AND ("state" = 'intent' OR "sweep_at" IS NOT NULL)
            AND COALESCE("sweep_at", "attempt_expires_at", "created_at") <= now()
          ORDER BY COALESCE("sweep_at", "attempt_expires_at", "created_at") LIMIT ${limit} FOR UPDATE SKIP LOCKED
        ) RETURNING ${columns}, "sweeps"`;
    },

    async sweepAgainAfter(key, ms) {
      const again = ms === undefined ? Prisma.sql`NULL::timestamptz` : until(ms);
      await database.$executeRaw`
        UPDATE "sagaline_engine"."participant_calls" SET "sweeps" = "sweeps" + 1, "sweep_at" = ${again},
          "settled_at" = CASE WHEN ${ms === undefined} THEN now() END
        WHERE "key" = ${key} AND "state" IN ('intent', 'done')`;
    },
  };
}

function until(ms: number): Prisma.Sql {
  return Prisma.sql`clock_timestamp() + ${ms}::float8 * interval '1 millisecond'`;
}

/** What was asked for is told apart, and not kept: it may be personal data. */
function hashOf(input: object): string {
  return createHash('sha256').update(JSON.stringify(input, inOrder)).digest('hex');
}

/** The same object, whatever the order of its fields. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
