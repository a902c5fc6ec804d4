/** Our own ledger in PostgreSQL. Every method is one statement, so that state and event commit together in one round trip. */
import { randomUUID } from 'node:crypto';
import { type Database, KeyReused, recordEventSql, type WorkflowId } from 'sagaline';
import { Prisma } from '../../prisma/generated/client.ts';
import { paymentEvents } from '../../workflows/events/payment.ts';
import type { Intent, PaymentLedger, PaymentRow, UnsettledRow } from './ports.ts';

type StoredRow = Omit<PaymentRow, 'amount' | 'subject'> & {
  readonly amount: bigint | null;
  readonly kind: string;
  readonly id: string;
};

/** For how long whoever looks at an undone row has it to itself, in ms; longer than look-up and refund take together. */
const LEASE_MS = 60_000;

const columns = Prisma.sql`
  "key", "subject_kind" AS "kind", "order_id" AS "id", "amount", "currency", "state", "undone", "provider_id" AS "providerId",
  "decline_reason" AS "declineReason", "workflow_id" AS "workflowId",
  COALESCE(GREATEST(0, EXTRACT(EPOCH FROM "attempt_expires_at" - clock_timestamp()) * 1000), 0)::float8 AS "openForMs"`;

/** Whether an attempt may still begin under a row. */
const isOpen = Prisma.sql`"payments"."state" = 'intent' AND NOT "payments"."undone"`;

/** @param workflowId which workflow the events belong to */
export function createPaymentLedger(database: Database, workflowId: WorkflowId): PaymentLedger {
  const read = async (key: string) =>
    only(await database.$queryRaw<StoredRow[]>`SELECT ${columns} FROM "payments" WHERE "key" = ${key}`);

  return {
    async openIntent({ key, subject, amount, currency, attemptMs }) {
      const attemptId = randomUUID();
      // xmax is 0 in a row that this very statement inserted, and not in one that it found.
      const [row] = await database.$queryRaw<(StoredRow & { fresh: boolean })[]>`
        INSERT INTO "payments"
          ("key", "subject_kind", "order_id", "amount", "currency", "state", "workflow_id", "attempt_id", "attempt_expires_at")
        VALUES (${key}, ${subject.kind}, ${subject.id}, ${amount}::bigint, ${currency}, 'intent', ${workflowId() ?? null}, ${attemptId}, ${until(attemptMs)})
        ON CONFLICT ("key") DO UPDATE SET
          "attempt_id" = CASE WHEN ${isOpen} THEN EXCLUDED."attempt_id" ELSE "payments"."attempt_id" END,
          "earlier_attempts_expire_at" = CASE WHEN ${isOpen}
            THEN "payments"."attempt_expires_at" ELSE "payments"."earlier_attempts_expire_at" END,
          "attempt_expires_at" = CASE WHEN ${isOpen}
            THEN GREATEST("payments"."attempt_expires_at", EXCLUDED."attempt_expires_at")
            ELSE "payments"."attempt_expires_at" END
        RETURNING ${columns}, (xmax = 0) AS "fresh"`;
      const stored = { ...toRow(row), attemptId, fresh: row?.fresh ?? false };
      const same = stored.subject.id === subject.id && stored.amount === amount && stored.currency === currency;
      const tombstone = stored.undone && stored.amount === null && stored.subject.id === subject.id;
      if (!same && !tombstone) throw new KeyReused(key);
      return stored;
    },

    async markUndone({ key, subject }) {
      return only(
        await database.$queryRaw<StoredRow[]>`
          INSERT INTO "payments" ("key", "subject_kind", "order_id", "state", "undone", "workflow_id")
          VALUES (${key}, ${subject.kind}, ${subject.id}, 'intent', true, ${workflowId() ?? null})
          ON CONFLICT ("key") DO UPDATE SET "undone" = true, "updated_at" = now()
          RETURNING ${columns}`,
      );
    },

    async recordCharge(intent, providerId, { orSweep }) {
      const { key } = intent;
      const event = recordEventSql(
        paymentEvents['payment.completed'],
        { ...moneyOf(intent), paymentId: providerId },
        {
          eventId: `${key}:payment.completed`,
          workflowId: intent.workflowId ?? workflowId(),
        },
      );
      const [row] = await database.$queryRaw<StoredRow[]>`
        WITH charged AS (
          UPDATE "payments" SET "state" = 'charged', "provider_id" = ${providerId}, "updated_at" = now(),
            "sweep_at" = CASE WHEN "undone" AND ${orSweep} THEN ${until(LEASE_MS)} END
          WHERE "key" = ${key} AND "state" = 'intent' RETURNING *
        ), appended AS (SELECT ${event} FROM charged)
        SELECT ${columns} FROM charged, appended`;
      // Nothing changed: an attempt that ran beside this one recorded the same charge.
      return row ? toRow(row) : read(key);
    },

    async recordDecline(intent, reason) {
      const event = recordEventSql(
        paymentEvents['payment.declined'],
        { ...moneyOf(intent), reason },
        {
          eventId: `${intent.key}:payment.declined`,
          workflowId: intent.workflowId ?? workflowId(),
        },
      );
      await database.$queryRaw`
        WITH declined AS (
          UPDATE "payments" SET "state" = 'declined', "decline_reason" = ${reason}, "updated_at" = now()
          WHERE "key" = ${intent.key} AND "state" = 'intent' RETURNING 1
        ) SELECT ${event} FROM declined`;
    },

    async recordRefund(charged, refundId) {
      const event = recordEventSql(
        paymentEvents['payment.refunded'],
        { ...moneyOf(charged), paymentId: charged.providerId, refundId },
        {
          eventId: `${charged.key}:payment.refunded`,
          workflowId: charged.workflowId ?? workflowId(),
        },
      );
      await database.$queryRaw`
        WITH refunded AS (
          UPDATE "payments" SET "state" = 'refunded', "undone" = true, "refund_id" = ${refundId}, "updated_at" = now()
          WHERE "key" = ${charged.key} AND "state" = 'charged' RETURNING 1
        ) SELECT ${event} FROM refunded`;
    },

    async endAttempt({ key, attemptId }) {
      await database.$executeRaw`
        UPDATE "payments" SET "attempt_expires_at" = GREATEST("earlier_attempts_expire_at", now()), "updated_at" = now()
        WHERE "key" = ${key} AND "state" = 'intent' AND "attempt_id" = ${attemptId}`;
    },

    async takeUnsettled({ limit }) {
      const rows = await database.$queryRaw<(StoredRow & { sweeps: number })[]>`
        UPDATE "payments" SET "sweep_at" = ${until(LEASE_MS)} WHERE "key" IN (
          SELECT "key" FROM "payments"
          WHERE "undone" AND "settled_at" IS NULL AND "amount" IS NOT NULL AND "state" IN ('intent', 'charged')
            AND ("state" = 'intent' OR "sweep_at" IS NOT NULL)
            AND COALESCE("sweep_at", "attempt_expires_at", "created_at") <= now()
          ORDER BY COALESCE("sweep_at", "attempt_expires_at", "created_at") LIMIT ${limit} FOR UPDATE SKIP LOCKED
        ) RETURNING ${columns}, "sweeps"`;
      return rows.map((row): UnsettledRow => ({ ...toRow(row), sweeps: row.sweeps }));
    },

    async sweepAgainAfter(key, ms) {
      const again = ms === undefined ? Prisma.sql`NULL::timestamptz` : until(ms);
      await database.$executeRaw`
        UPDATE "payments" SET "sweeps" = "sweeps" + 1, "sweep_at" = ${again},
          "settled_at" = CASE WHEN ${ms === undefined} THEN now() END
        WHERE "key" = ${key} AND "state" IN ('intent', 'charged')`;
    },
  };
}

function until(ms: number): Prisma.Sql {
  return Prisma.sql`clock_timestamp() + ${ms}::float8 * interval '1 millisecond'`;
}

function moneyOf({ subject, amount, currency }: Intent) {
  return { subject, orderId: subject.id, amount, currency };
}

function only(rows: readonly StoredRow[]): PaymentRow {
  return toRow(rows[0]);
}

function toRow(row: StoredRow | undefined): PaymentRow {
  if (!row) throw new Error('the payment row is gone: rows of the ledger are never deleted');
  const { kind, id, amount, ...rest } = row;
  return { ...rest, subject: { kind, id }, amount: amount === null ? null : Number(amount) };
}
