-- Topics that are deleted and made again repeat their offsets, so a place in Kafka needs the topic's life beside it. What was
-- taken before this migration belongs to the first life. Code that does not know of lives goes on writing the first.
ALTER TABLE "inbox" ADD COLUMN "topic_life" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "sagas" ADD COLUMN "topic_life" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "dead_letters" ADD COLUMN "topic_life" INTEGER NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX "dead_letters_topic_topic_life_partition_offset_key"
    ON "dead_letters"("topic", "topic_life", "partition", "offset");
DROP INDEX "dead_letters_topic_partition_offset_key";

-- The lives of a topic in the order in which they were first seen, by Kafka's own id of it.
CREATE TABLE "topic_lives" (
    "topic" TEXT NOT NULL,
    "topic_id" TEXT NOT NULL,
    "life" INTEGER NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "topic_lives_pkey" PRIMARY KEY ("topic", "topic_id")
);
CREATE UNIQUE INDEX "topic_lives_topic_life_key" ON "topic_lives"("topic", "life");

-- What a dead letter is too large to keep: by part, its size in bytes and its SHA-256.
ALTER TABLE "dead_letters" ADD COLUMN "omitted" JSONB;

-- Events that were recorded and not taken up; few, unless something is wrong.
CREATE INDEX "inbox_received_idx" ON "inbox"("received_at") WHERE "state" = 'received';
-- Events whose record is a dead letter, by that record's place: a redrive lets them have their effect after all.
CREATE INDEX "inbox_dead_lettered_idx" ON "inbox"("topic", "partition", "offset") WHERE "state" = 'deadLettered';

-- Secrets that an installation makes for itself. `replay` seals the records that we produce once more, so that nobody else can
-- claim to be one. Two random UUIDs have 244 random bits.
CREATE TABLE "installation_secrets" (
    "name" TEXT NOT NULL,
    "secret" TEXT NOT NULL,
    CONSTRAINT "installation_secrets_pkey" PRIMARY KEY ("name")
);
INSERT INTO "installation_secrets" ("name", "secret")
VALUES ('replay', gen_random_uuid()::TEXT || gen_random_uuid()::TEXT);

-- What came, in canonical form, whatever of it the schema knew at the time: SHA-256 with a version prefix. Rows from before have
-- none, and code that does not know of it goes on comparing payload_hash, the parsed payload's.
ALTER TABLE "inbox" ADD COLUMN "content_hash" TEXT;
ALTER TABLE "sagas" ADD COLUMN "content_hash" TEXT;

-- Whether "part" is what is left of "whole" when fields are left out of its objects: what a schema with fewer fields keeps.
CREATE FUNCTION json_keeps("whole" JSONB, "part" JSONB) RETURNS BOOLEAN LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof("whole") IS DISTINCT FROM jsonb_typeof("part") THEN
        RETURN FALSE;
    ELSIF jsonb_typeof("part") = 'object' THEN
        RETURN NOT EXISTS (
            SELECT FROM jsonb_each("part") AS field
            WHERE NOT ("whole" ? field.key AND json_keeps("whole" -> field.key, field.value))
        );
    ELSIF jsonb_typeof("part") = 'array' THEN
        RETURN jsonb_array_length("whole") = jsonb_array_length("part") AND NOT EXISTS (
            SELECT FROM generate_series(0, jsonb_array_length("part") - 1) AS at
            WHERE NOT json_keeps("whole" -> at::INTEGER, "part" -> at::INTEGER)
        );
    END IF;
    RETURN "whole" = "part";
END
$$;
