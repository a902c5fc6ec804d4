-- Which attempt opened the window that `attempt_expires_at` ends, and until when those before it may be on their way: an attempt
-- that knows its own end must not end the others' windows.
ALTER TABLE "payments" ADD COLUMN "attempt_id" TEXT;
ALTER TABLE "payments" ADD COLUMN "earlier_attempts_expire_at" TIMESTAMPTZ(3);
-- The workflow whose work it is, for what is found out after that workflow has ended.
ALTER TABLE "payments" ADD COLUMN "workflow_id" TEXT;
-- When the sweep asks the provider about an undone row again, how often it has, and since when nothing more can come.
ALTER TABLE "payments" ADD COLUMN "sweep_at" TIMESTAMPTZ(3);
ALTER TABLE "payments" ADD COLUMN "sweeps" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "payments" ADD COLUMN "settled_at" TIMESTAMPTZ(3);

CREATE INDEX "payments_unsettled_idx" ON "payments"((COALESCE("sweep_at", "attempt_expires_at", "created_at")))
WHERE "undone" AND "settled_at" IS NULL AND "amount" IS NOT NULL AND "state" IN ('intent', 'charged');
