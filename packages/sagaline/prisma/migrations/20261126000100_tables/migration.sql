-- The engine's tables: see schema.prisma for what each column means. Beside them what a Prisma schema cannot express: partial
-- indexes, checks, triggers.

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
    "topic_life" INTEGER NOT NULL DEFAULT 1,
    "content_hash" TEXT,
    CONSTRAINT "inbox_pkey" PRIMARY KEY ("event_id", "saga_name"),
    CONSTRAINT "inbox_state_check" CHECK ("state" IN ('received', 'started', 'signalled', 'parked', 'ignored', 'tooLate', 'deadLettered'))
);
CREATE INDEX "inbox_workflow_id_state_idx" ON "inbox"("workflow_id", "state");
CREATE INDEX "inbox_parked_idx" ON "inbox"("received_at") WHERE "state" = 'parked';
-- Events that were recorded and not taken up; few, unless something is wrong.
CREATE INDEX "inbox_received_idx" ON "inbox"("received_at") WHERE "state" = 'received';
-- Events whose record is a dead letter, by that record's place: a redrive lets them have their effect after all.
CREATE INDEX "inbox_dead_lettered_idx" ON "inbox"("topic", "partition", "offset") WHERE "state" = 'deadLettered';

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
    "topic_life" INTEGER NOT NULL DEFAULT 1,
    "content_hash" TEXT,
    CONSTRAINT "sagas_pkey" PRIMARY KEY ("workflow_id"),
    CONSTRAINT "sagas_state_check" CHECK ("state" IN ('running', 'completed', 'rollingBack', 'rejected', 'cancelled', 'failed'))
);
CREATE INDEX "sagas_created_at_workflow_id_idx" ON "sagas"("created_at" DESC, "workflow_id" DESC);
CREATE INDEX "sagas_name_created_at_workflow_id_idx" ON "sagas"("name", "created_at" DESC, "workflow_id" DESC);
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
    "refused_at" TIMESTAMPTZ(3),
    "refused_code" TEXT,
    "refusals" INTEGER NOT NULL DEFAULT 0,
    "holds_topic" BOOLEAN NOT NULL DEFAULT false,
    "retry_at" TIMESTAMPTZ(3),
    "buried_at" TIMESTAMPTZ(3),
    "buried_by" TEXT,
    "buried_reason" TEXT,
    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "outbox_event_id_key" ON "outbox"("event_id");
CREATE INDEX "outbox_workflow_id_idx" ON "outbox"("workflow_id");
CREATE INDEX "outbox_unpublished_idx" ON "outbox"("lane", "id") WHERE "published_at" IS NULL;
-- Past a topic that is held back, however much of it waits.
CREATE INDEX "outbox_unpublished_topic_idx" ON "outbox"("lane", "topic", "id") WHERE "published_at" IS NULL;
-- Whether a row waits behind a refused one of its key; and the list of the refused.
CREATE INDEX "outbox_refused_idx" ON "outbox"("topic", "key", "id")
    WHERE "refused_at" IS NOT NULL AND "published_at" IS NULL AND "buried_at" IS NULL;
CREATE INDEX "outbox_buried_idx" ON "outbox"("id") WHERE "buried_at" IS NOT NULL;

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
    "topic_life" INTEGER NOT NULL DEFAULT 1,
    "omitted" JSONB,
    "state" TEXT NOT NULL DEFAULT 'open',
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "decision_reason" TEXT,
    CONSTRAINT "dead_letters_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "dead_letters_state_check" CHECK ("state" IN ('open', 'redriven', 'dismissed'))
);
CREATE UNIQUE INDEX "dead_letters_topic_topic_life_partition_offset_key"
    ON "dead_letters"("topic", "topic_life", "partition", "offset");
CREATE INDEX "dead_letters_created_at_idx" ON "dead_letters"("created_at" DESC);
-- Lists of one topic's dead letters, or one reason's, newest first.
CREATE INDEX "dead_letters_topic_id_idx" ON "dead_letters"("topic", "id" DESC);
CREATE INDEX "dead_letters_reason_id_idx" ON "dead_letters"("reason", "id" DESC);
-- By hash: keys are bytes of any length, which a btree does not take, and are only asked for as a whole.
CREATE INDEX "dead_letters_key_idx" ON "dead_letters" USING hash ("key");
-- What waits for somebody; there is little of it where somebody looks.
CREATE INDEX "dead_letters_open_idx" ON "dead_letters" ("id" DESC) WHERE "state" = 'open';

CREATE TABLE "topic_lives" (
    "topic" TEXT NOT NULL,
    "topic_id" TEXT NOT NULL,
    "life" INTEGER NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "topic_lives_pkey" PRIMARY KEY ("topic", "topic_id")
);
CREATE UNIQUE INDEX "topic_lives_topic_life_key" ON "topic_lives"("topic", "life");

CREATE TABLE "installation_secrets" (
    "name" TEXT NOT NULL,
    "secret" TEXT NOT NULL,
    CONSTRAINT "installation_secrets_pkey" PRIMARY KEY ("name")
);
-- Two random UUIDs have 244 random bits.
INSERT INTO "installation_secrets" ("name", "secret")
VALUES ('replay', gen_random_uuid()::TEXT || gen_random_uuid()::TEXT);

CREATE TABLE "http_requests" (
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "response" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "http_requests_pkey" PRIMARY KEY ("idempotency_key")
);

-- What GET /v1/live pushes: changes of sagas and statistics, in the order in which they can be read without missing any.
-- Ids are drawn before their transactions commit, so "above the last one seen" loses those that commit late. A reader takes
-- the rows of transactions below the oldest that is still open, in the order of (xid, id): nothing can come in before them.
CREATE TABLE "live_changes" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "xid" XID8 NOT NULL DEFAULT pg_current_xact_id(),
    "kind" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "live_changes_pkey" PRIMARY KEY ("xid", "id")
);
CREATE INDEX "live_changes_created_at_idx" ON "live_changes"("created_at");
CREATE TRIGGER "live_sagas_inserted" AFTER INSERT ON "sagas"
    REFERENCING NEW TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION live_sagas();
CREATE TRIGGER "live_sagas_updated" AFTER UPDATE ON "sagas"
    REFERENCING OLD TABLE AS "before" NEW TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION live_sagas();

-- Search finds misspelt names by their trigrams. A trusted extension: whoever may create in this database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
