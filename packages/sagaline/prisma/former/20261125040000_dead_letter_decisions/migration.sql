-- What somebody decided about a dead letter: redriven (its record was produced once more) or dismissed (with a reason).
ALTER TABLE "dead_letters"
    ADD COLUMN "state" TEXT NOT NULL DEFAULT 'open',
    ADD COLUMN "decided_by" TEXT,
    ADD COLUMN "decided_at" TIMESTAMPTZ(3),
    ADD COLUMN "decision_reason" TEXT,
    ADD CONSTRAINT "dead_letters_state_check" CHECK ("state" IN ('open', 'redriven', 'dismissed'));

-- By hash: keys are bytes of any length, which a btree does not take, and are only asked for as a whole.
CREATE INDEX "dead_letters_key_idx" ON "dead_letters" USING hash ("key");
-- What waits for somebody; there is little of it where somebody looks.
CREATE INDEX "dead_letters_open_idx" ON "dead_letters" ("id" DESC) WHERE "state" = 'open';
