-- The reference application's tables: see prisma/schema.prisma. A database of the former layout has them, made by the history in
-- packages/sagaline/prisma/former, and keeps them as they are: hence "IF NOT EXISTS".

CREATE TABLE IF NOT EXISTS "payments" (
    "key" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "amount" BIGINT,
    "currency" TEXT,
    "state" TEXT NOT NULL,
    "undone" BOOLEAN NOT NULL DEFAULT false,
    "provider_id" TEXT,
    "refund_id" TEXT,
    "decline_reason" TEXT,
    "attempt_expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempt_id" TEXT,
    "earlier_attempts_expire_at" TIMESTAMPTZ(3),
    "workflow_id" TEXT,
    "sweep_at" TIMESTAMPTZ(3),
    "sweeps" INTEGER NOT NULL DEFAULT 0,
    "settled_at" TIMESTAMPTZ(3),
    "subject_kind" TEXT NOT NULL DEFAULT 'order',
    CONSTRAINT "payments_pkey" PRIMARY KEY ("key"),
    CONSTRAINT "payments_state_check" CHECK ("state" IN ('intent', 'charged', 'declined', 'refunded'))
);
CREATE INDEX IF NOT EXISTS "payments_order_id_idx" ON "payments"("order_id");
CREATE INDEX IF NOT EXISTS "payments_unsettled_idx"
    ON "payments"((COALESCE("sweep_at", "attempt_expires_at", "created_at")))
    WHERE "undone" AND "settled_at" IS NULL AND "amount" IS NOT NULL AND "state" IN ('intent', 'charged');

CREATE TABLE IF NOT EXISTS "messages" (
    "key" TEXT NOT NULL,
    "action_key" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "recipient" TEXT,
    "state" TEXT NOT NULL,
    "undone" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempt" TEXT,
    "maybe_sent" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "messages_pkey" PRIMARY KEY ("key"),
    CONSTRAINT "messages_state_check" CHECK ("state" IN ('pending', 'sending', 'sent', 'refused'))
);
CREATE INDEX IF NOT EXISTS "messages_action_key_idx" ON "messages"("action_key");

CREATE TABLE IF NOT EXISTS "analytics_facts" (
    "key" TEXT NOT NULL,
    "subject_id" TEXT,
    "fact" TEXT,
    "amount" BIGINT,
    "currency" TEXT,
    "reversed_at" TIMESTAMPTZ(3),
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "workflow_id" TEXT,
    CONSTRAINT "analytics_facts_pkey" PRIMARY KEY ("key")
);
CREATE INDEX IF NOT EXISTS "analytics_facts_workflow_id_idx" ON "analytics_facts"("workflow_id") WHERE "reversed_at" IS NULL;

-- Totals always add up, because they are never stored: a fact counts from its row until it is reversed.
CREATE OR REPLACE VIEW "analytics_totals" AS
SELECT "fact", "currency", count(*) AS "count", sum("amount")::BIGINT AS "amount"
FROM "analytics_facts"
WHERE "reversed_at" IS NULL
GROUP BY "fact", "currency";

CREATE TABLE IF NOT EXISTS "profiles" (
    "user_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "email" TEXT,
    "name" TEXT,
    "locale" TEXT,
    "removed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "workflow_id" TEXT,
    CONSTRAINT "profiles_pkey" PRIMARY KEY ("user_id")
);
CREATE INDEX IF NOT EXISTS "profiles_workflow_id_idx" ON "profiles"("workflow_id") WHERE "removed_at" IS NULL;

CREATE TABLE IF NOT EXISTS "users" (
    "user_id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "locale" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "users_pkey" PRIMARY KEY ("user_id")
);
-- One mailbox, one user: nobody runs two mailboxes that differ by case.
CREATE UNIQUE INDEX IF NOT EXISTS "users_email_key" ON "users"(lower("email"));

CREATE TABLE IF NOT EXISTS "orders" (
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "items" JSONB NOT NULL,
    "content" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "orders_pkey" PRIMARY KEY ("order_id")
);
