-- Tables: see prisma/schema.prisma for what each column means. Below them: partial indexes, checks, the outbox function and
-- the totals view, which the Prisma schema cannot express.

CREATE TABLE "inbox" (
    "event_id" TEXT NOT NULL,
    "saga_name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "key" TEXT,
    "payload" JSONB,
    "payload_hash" TEXT NOT NULL,
    "event_time" TIMESTAMPTZ(3),
    "traceparent" TEXT,
    "workflow_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "handled_at" TIMESTAMPTZ(3),
    CONSTRAINT "inbox_pkey" PRIMARY KEY ("event_id", "saga_name"),
    CONSTRAINT "inbox_state_check" CHECK ("state" IN ('received', 'started', 'signalled', 'parked', 'ignored', 'tooLate', 'deadLettered'))
);
CREATE INDEX "inbox_workflow_id_state_idx" ON "inbox"("workflow_id", "state");
CREATE INDEX "inbox_parked_idx" ON "inbox"("received_at") WHERE "state" = 'parked';

CREATE TABLE "sagas" (
    "workflow_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "saga_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "parked" TEXT[],
    "cause" JSONB,
    "journey" JSONB,
    "event_id" TEXT NOT NULL,
    "payload_hash" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "traceparent" TEXT,
    "delivered" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(3),
    CONSTRAINT "sagas_pkey" PRIMARY KEY ("workflow_id"),
    CONSTRAINT "sagas_state_check" CHECK ("state" IN ('running', 'completed', 'rollingBack', 'rejected', 'cancelled', 'failed'))
);
CREATE INDEX "sagas_created_at_workflow_id_idx" ON "sagas"("created_at" DESC, "workflow_id" DESC);
CREATE INDEX "sagas_state_created_at_workflow_id_idx" ON "sagas"("state", "created_at" DESC, "workflow_id" DESC);
CREATE INDEX "sagas_parked_idx" ON "sagas"("created_at" DESC) WHERE cardinality("parked") > 0;

CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "event_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "lane" SMALLINT NOT NULL,
    "payload" JSONB NOT NULL,
    "traceparent" TEXT,
    "workflow_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "published_at" TIMESTAMPTZ(3),
    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "outbox_event_id_key" ON "outbox"("event_id");
CREATE INDEX "outbox_workflow_id_idx" ON "outbox"("workflow_id");
CREATE INDEX "outbox_unpublished_idx" ON "outbox"("lane", "id") WHERE "published_at" IS NULL;

CREATE TABLE "dead_letters" (
    "id" BIGSERIAL NOT NULL,
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "key" BYTEA,
    "value" BYTEA,
    "headers" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "record_time" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "dead_letters_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "dead_letters_topic_partition_offset_key" ON "dead_letters"("topic", "partition", "offset");
CREATE INDEX "dead_letters_created_at_idx" ON "dead_letters"("created_at" DESC);

CREATE TABLE "http_requests" (
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "response" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "http_requests_pkey" PRIMARY KEY ("idempotency_key")
);

CREATE TABLE "payments" (
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
    CONSTRAINT "payments_pkey" PRIMARY KEY ("key"),
    CONSTRAINT "payments_state_check" CHECK ("state" IN ('intent', 'charged', 'declined', 'refunded'))
);
CREATE INDEX "payments_order_id_idx" ON "payments"("order_id");

CREATE TABLE "messages" (
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
    CONSTRAINT "messages_pkey" PRIMARY KEY ("key"),
    CONSTRAINT "messages_state_check" CHECK ("state" IN ('pending', 'sending', 'sent', 'refused'))
);
CREATE INDEX "messages_action_key_idx" ON "messages"("action_key");

CREATE TABLE "analytics_facts" (
    "key" TEXT NOT NULL,
    "subject_id" TEXT,
    "fact" TEXT,
    "amount" BIGINT,
    "currency" TEXT,
    "reversed_at" TIMESTAMPTZ(3),
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "analytics_facts_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "profiles" (
    "user_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "email" TEXT,
    "name" TEXT,
    "locale" TEXT,
    "removed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "profiles_pkey" PRIMARY KEY ("user_id")
);

-- Totals always add up, because they are never stored: a fact counts from its row until it is reversed.
CREATE VIEW "analytics_totals" AS
SELECT "fact", "currency", count(*) AS "count", sum("amount")::BIGINT AS "amount"
FROM "analytics_facts"
WHERE "reversed_at" IS NULL
GROUP BY "fact", "currency";

-- Appends one event to the outbox within the caller's transaction; returns false when the event id is known already.
-- The lock on the key comes before the id is drawn, so within a key the order of ids is the order of commits: the relay may
-- publish by id without overtaking a transaction that is still open. NOTIFY is a hint, folded to one per transaction.
CREATE FUNCTION append_outbox(
    p_event_id TEXT, p_type TEXT, p_topic TEXT, p_key TEXT, p_payload JSONB, p_traceparent TEXT, p_workflow_id TEXT
) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
    appended INTEGER;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_key, 7741));
    INSERT INTO "outbox" ("event_id", "type", "topic", "key", "lane", "payload", "traceparent", "workflow_id")
    VALUES (p_event_id, p_type, p_topic, p_key, (hashtext(p_key) & 15)::SMALLINT, p_payload, p_traceparent, p_workflow_id)
    ON CONFLICT ("event_id") DO NOTHING;
    GET DIAGNOSTICS appended = ROW_COUNT;
    IF appended > 0 THEN
        PERFORM pg_notify('sagaline_outbox', '');
    END IF;
    RETURN appended > 0;
END
$$;
