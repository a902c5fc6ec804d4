/** Our own ledger in PostgreSQL. Every method is one statement, so that state and event commit together in one round trip. */
import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { KeyReused } from '../../workflows/contracts/failures.ts';
import { recordEventSql } from '../outbox/record-event.ts';
import type { WorkflowId } from '../workflow-id.ts';
import type { Intent, PaymentLedger, PaymentRow } from './ports.ts';

type StoredRow = Omit<PaymentRow, 'amount'> & { readonly amount: bigint | null };

const columns = Prisma.sql`
  "key", "order_id" AS "orderId", "amount", "currency", "state", "undone", "provider_id" AS "providerId",
  "decline_reason" AS "declineReason",
  COALESCE(GREATEST(0, EXTRACT(EPOCH FROM "attempt_expires_at" - clock_timestamp()) * 1000), 0)::float8 AS "openForMs"`;

/** @param workflowId which workflow the events belong to */
export function createPaymentLedger(database: Database, workflowId: WorkflowId): PaymentLedger {
  const read = async (key: string) =>
    only(await database.$queryRaw<StoredRow[]>`SELECT ${columns} FROM "payments" WHERE "key" = ${key}`);

  return {
    async openIntent({ key, orderId, amount, currency, attemptMs }) {
      // xmax is 0 in a row that this very statement inserted, and not in one that it found.
      const [row] = await database.$queryRaw<(StoredRow & { fresh: boolean })[]>`
        INSERT INTO "payments" ("key", "order_id", "amount", "currency", "state", "attempt_expires_at")
        VALUES (${key}, ${orderId}, ${amount}::bigint, ${currency}, 'intent', ${until(attemptMs)})
        ON CONFLICT ("key") DO UPDATE SET
          "attempt_expires_at" = CASE
            WHEN "payments"."state" = 'intent' AND NOT "payments"."undone"
            THEN GREATEST("payments"."attempt_expires_at", EXCLUDED."attempt_expires_at")
            ELSE "payments"."attempt_expires_at" END
        RETURNING ${columns}, (xmax = 0) AS "fresh"`;
      const stored = { ...toRow(row), fresh: row?.fresh ?? false };
      const same = stored.orderId === orderId && stored.amount === amount && stored.currency === currency;
      const tombstone = stored.undone && stored.amount === null && stored.orderId === orderId;
      if (!same && !tombstone) throw new KeyReused(key);
      return stored;
    },

    async markUndone({ key, orderId }) {
      return only(
        await database.$queryRaw<StoredRow[]>`
          INSERT INTO "payments" ("key", "order_id", "state", "undone") VALUES (${key}, ${orderId}, 'intent', true)
          ON CONFLICT ("key") DO UPDATE SET "undone" = true, "updated_at" = now()
          RETURNING ${columns}`,
      );
    },

    async recordCharge(intent, providerId) {
      const { key } = intent;
      const event = recordEventSql({
        eventId: `${key}:payment.completed`,
        type: 'payment.completed',
        payload: { ...moneyOf(intent), paymentId: providerId },
        workflowId: workflowId(),
      });
      const [row] = await database.$queryRaw<StoredRow[]>`
        WITH charged AS (
          UPDATE "payments" SET "state" = 'charged', "provider_id" = ${providerId}, "updated_at" = now()
          WHERE "key" = ${key} AND "state" = 'intent' RETURNING *
        ), appended AS (SELECT ${event} FROM charged)
        SELECT ${columns} FROM charged, appended`;
      // Nothing changed: an attempt that ran beside this one recorded the same charge.
      return row ? toRow(row) : read(key);
    },

    async recordDecline(intent, reason) {
      const event = recordEventSql({
        eventId: `${intent.key}:payment.declined`,
        type: 'payment.declined',
        payload: { ...moneyOf(intent), reason },
        workflowId: workflowId(),
      });
      await database.$queryRaw`
        WITH declined AS (
          UPDATE "payments" SET "state" = 'declined', "decline_reason" = ${reason}, "updated_at" = now()
          WHERE "key" = ${intent.key} AND "state" = 'intent' RETURNING 1
        ) SELECT ${event} FROM declined`;
    },

    async recordRefund(charged, refundId) {
      const event = recordEventSql({
        eventId: `${charged.key}:payment.refunded`,
        type: 'payment.refunded',
        payload: { ...moneyOf(charged), paymentId: charged.providerId, refundId },
        workflowId: workflowId(),
      });
      await database.$queryRaw`
        WITH refunded AS (
          UPDATE "payments" SET "state" = 'refunded', "undone" = true, "refund_id" = ${refundId}, "updated_at" = now()
          WHERE "key" = ${charged.key} AND "state" = 'charged' RETURNING 1
        ) SELECT ${event} FROM refunded`;
    },

    async endAttempt(key) {
      await database.$executeRaw`
        UPDATE "payments" SET "attempt_expires_at" = now(), "updated_at" = now() WHERE "key" = ${key} AND "state" = 'intent'`;
    },
  };
}

function until(ms: number): Prisma.Sql {
  return Prisma.sql`clock_timestamp() + ${ms}::float8 * interval '1 millisecond'`;
}

function moneyOf({ orderId, amount, currency }: Intent) {
  return { orderId, amount, currency };
}

function only(rows: readonly StoredRow[]): PaymentRow {
  return toRow(rows[0]);
}

function toRow(row: StoredRow | undefined): PaymentRow {
  if (!row) throw new Error('the payment row is gone: rows of the ledger are never deleted');
  return { ...row, amount: row.amount === null ? null : Number(row.amount) };
}
