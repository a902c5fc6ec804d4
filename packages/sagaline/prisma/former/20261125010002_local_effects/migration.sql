-- Whose work an effect in our own database is: a rollback finds those of its workflow, also what the kernel was never told of.
ALTER TABLE "analytics_facts" ADD COLUMN "workflow_id" TEXT;
ALTER TABLE "profiles" ADD COLUMN "workflow_id" TEXT;
CREATE INDEX "analytics_facts_workflow_id_idx" ON "analytics_facts"("workflow_id") WHERE "reversed_at" IS NULL;
CREATE INDEX "profiles_workflow_id_idx" ON "profiles"("workflow_id") WHERE "removed_at" IS NULL;

-- Whether an action of this workflow may still commit: not once its saga rolls back, or has. The answer holds until the caller's
-- transaction ends, because it locks what a rollback must change first: the saga's row; or, for a saga that was started by hand
-- and has none yet, the name of the row, which the claim of a rollback locks, too. Each statement of this function sees what was
-- committed while the one before it waited. NULL: no saga's work.
CREATE FUNCTION saga_lets_act(p_workflow_id TEXT) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
    saga_state TEXT;
BEGIN
    IF p_workflow_id IS NULL THEN
        RETURN true;
    END IF;
    SELECT "state" INTO saga_state FROM "sagas" WHERE "workflow_id" = p_workflow_id FOR SHARE;
    IF NOT FOUND THEN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended(p_workflow_id, 7742));
        SELECT "state" INTO saga_state FROM "sagas" WHERE "workflow_id" = p_workflow_id FOR SHARE;
    END IF;
    RETURN saga_state IS NULL OR saga_state IN ('running', 'completed');
END
$$;
