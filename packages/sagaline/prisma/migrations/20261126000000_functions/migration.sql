-- The engine's functions. They are called from transactions of others, whose search_path is anybody's: so every name of ours
-- has its schema. "OR REPLACE", because a database of the former layout brings them along; see packages/sagaline/prisma/former.

-- Appends one event to the outbox within the caller's transaction; returns false when the event id is known already.
-- The lock on the key comes before the id is drawn, so within a key the order of ids is the order of commits: the relay may
-- publish by id without overtaking a transaction that is still open. NOTIFY is a hint, folded to one per transaction.
CREATE OR REPLACE FUNCTION "sagaline_engine".append_outbox(
    p_event_id TEXT, p_type TEXT, p_topic TEXT, p_key TEXT, p_payload JSONB, p_traceparent TEXT, p_workflow_id TEXT
) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
    appended INTEGER;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_key, 7741));
    INSERT INTO "sagaline_engine"."outbox"
        ("event_id", "type", "topic", "key", "lane", "payload", "traceparent", "workflow_id")
    VALUES (p_event_id, p_type, p_topic, p_key, (hashtext(p_key) & 15)::SMALLINT, p_payload, p_traceparent, p_workflow_id)
    ON CONFLICT ("event_id") DO NOTHING;
    GET DIAGNOSTICS appended = ROW_COUNT;
    IF appended > 0 THEN
        PERFORM pg_notify('sagaline_outbox', '');
    END IF;
    RETURN appended > 0;
END
$$;

-- Tells GET /v1/live of sagas that began or changed. One statement, one notification: many sagas start in one.
CREATE OR REPLACE FUNCTION "sagaline_engine".live_sagas() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO "sagaline_engine"."live_changes" ("kind", "data")
        SELECT 'saga', jsonb_build_object('id', "workflow_id", 'name', "name", 'state', "state", 'parked', "parked")
        FROM "changed";
    ELSE
        INSERT INTO "sagaline_engine"."live_changes" ("kind", "data")
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

-- Whether an action of this workflow may still commit: not once its saga rolls back, or has. The answer holds until the caller's
-- transaction ends, because it locks what a rollback must change first: the saga's row; or, for a saga that was started by hand
-- and has none yet, the name of the row, which the claim of a rollback locks, too. Each statement of this function sees what was
-- committed while the one before it waited. NULL: no saga's work.
CREATE OR REPLACE FUNCTION "sagaline_engine".saga_lets_act(p_workflow_id TEXT) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
    saga_state TEXT;
BEGIN
    IF p_workflow_id IS NULL THEN
        RETURN true;
    END IF;
    SELECT "state" INTO saga_state FROM "sagaline_engine"."sagas" WHERE "workflow_id" = p_workflow_id FOR SHARE;
    IF NOT FOUND THEN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended(p_workflow_id, 7742));
        SELECT "state" INTO saga_state FROM "sagaline_engine"."sagas" WHERE "workflow_id" = p_workflow_id FOR SHARE;
    END IF;
    RETURN saga_state IS NULL OR saga_state IN ('running', 'completed');
END
$$;

-- Whether "part" is what is left of "whole" when fields are left out of its objects: what a schema with fewer fields keeps.
CREATE OR REPLACE FUNCTION "sagaline_engine".json_keeps("whole" JSONB, "part" JSONB)
RETURNS BOOLEAN LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof("whole") IS DISTINCT FROM jsonb_typeof("part") THEN
        RETURN FALSE;
    ELSIF jsonb_typeof("part") = 'object' THEN
        RETURN NOT EXISTS (
            SELECT FROM jsonb_each("part") AS field
            WHERE NOT ("whole" ? field.key AND "sagaline_engine".json_keeps("whole" -> field.key, field.value))
        );
    ELSIF jsonb_typeof("part") = 'array' THEN
        RETURN jsonb_array_length("whole") = jsonb_array_length("part") AND NOT EXISTS (
            SELECT FROM generate_series(0, jsonb_array_length("part") - 1) AS at
            WHERE NOT "sagaline_engine".json_keeps("whole" -> at::INTEGER, "part" -> at::INTEGER)
        );
    END IF;
    RETURN "whole" = "part";
END
$$;
