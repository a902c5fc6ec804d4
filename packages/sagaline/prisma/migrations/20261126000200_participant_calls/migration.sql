-- Calls of participants that can be undone: the intent is written before the far end is asked, the tombstone when an undoing comes
-- first. The sub-transaction barrier of packages/sagaline/participants/barrier.
CREATE TABLE "participant_calls" (
    -- Idempotency key of the action.
    "key" TEXT NOT NULL,
    -- Participant and call, as in hotel.booking.
    "call" TEXT NOT NULL,
    -- SHA-256 of the input; null in a tombstone, of whose action nobody has heard.
    "input_hash" TEXT,
    -- intent | done | undone
    "state" TEXT NOT NULL,
    -- A compensation came; set together with, before or after the action.
    "undone" BOOLEAN NOT NULL DEFAULT false,
    -- What the far end answered. Not JSONB, which refuses some of what JSON may say.
    "answer" JSON,
    "workflow_id" TEXT,
    -- The attempt that began last, until when one may still be on its way to the far end, and those before the last.
    "attempt_id" TEXT,
    "attempt_expires_at" TIMESTAMPTZ(3),
    "earlier_attempts_expire_at" TIMESTAMPTZ(3),
    -- When the sweep asks about an undone row, how often it did, and since when nothing more is expected.
    "sweep_at" TIMESTAMPTZ(3),
    "sweeps" INTEGER NOT NULL DEFAULT 0,
    "settled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),

    CONSTRAINT "participant_calls_pkey" PRIMARY KEY ("key")
);

CREATE INDEX "participant_calls_unsettled_idx"
ON "participant_calls"("call", (COALESCE("sweep_at", "attempt_expires_at", "created_at")))
WHERE "undone" AND "settled_at" IS NULL AND "input_hash" IS NOT NULL AND "state" IN ('intent', 'done');
