-- What Kafka refuses of the outbox, and what an operator has given up; see prisma/schema.prisma. A relay of the version before
-- goes on publishing beside it: it tries refused rows, and buried ones too, as it always did.
ALTER TABLE "outbox"
    ADD COLUMN "refused_at" TIMESTAMPTZ(3),
    ADD COLUMN "refused_code" TEXT,
    ADD COLUMN "refusals" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "holds_topic" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "retry_at" TIMESTAMPTZ(3),
    ADD COLUMN "buried_at" TIMESTAMPTZ(3),
    ADD COLUMN "buried_by" TEXT,
    ADD COLUMN "buried_reason" TEXT;

-- Whether a row waits behind a refused one of its key; and the list of the refused.
CREATE INDEX "outbox_refused_idx" ON "outbox"("topic", "key", "id")
    WHERE "refused_at" IS NOT NULL AND "published_at" IS NULL AND "buried_at" IS NULL;
CREATE INDEX "outbox_buried_idx" ON "outbox"("id") WHERE "buried_at" IS NOT NULL;
-- Past a topic that is held back, however much of it waits.
CREATE INDEX "outbox_unpublished_topic_idx" ON "outbox"("lane", "topic", "id") WHERE "published_at" IS NULL;
