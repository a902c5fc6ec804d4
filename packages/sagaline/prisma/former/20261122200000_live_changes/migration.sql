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

-- One statement, one notification: many sagas start in one.
CREATE FUNCTION live_sagas() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO "live_changes" ("kind", "data")
        SELECT 'saga', jsonb_build_object('id', "workflow_id", 'name', "name", 'state', "state", 'parked', "parked")
        FROM "changed";
    ELSE
        INSERT INTO "live_changes" ("kind", "data")
        SELECT 'saga', jsonb_build_object(
            'id', "changed"."workflow_id", 'name', "changed"."name", 'state', "changed"."state", 'parked', "changed"."parked")
        FROM "changed" JOIN "before" ON "before"."workflow_id" = "changed"."workflow_id"
        WHERE "changed"."state" <> "before"."state" OR "changed"."parked" <> "before"."parked";
    END IF;
    IF FOUND THEN
        PERFORM pg_notify('sagaline_live', '');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER "live_sagas_inserted" AFTER INSERT ON "sagas"
    REFERENCING NEW TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION live_sagas();
CREATE TRIGGER "live_sagas_updated" AFTER UPDATE ON "sagas"
    REFERENCING OLD TABLE AS "before" NEW TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION live_sagas();
