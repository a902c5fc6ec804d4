/**
 * One row a record. `json` and not `jsonb`: it keeps the text as it came, takes what `jsonb` refuses (`\u0000`, numbers without
 * bounds), and costs a third less to write. There is no index by place in Kafka: the primary key is the order of time.
 */
export const TABLES = `
  CREATE TABLE "events" (
    "record_time" TIMESTAMPTZ(3) NOT NULL,
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "key" TEXT,
    "raw_key" BYTEA,
    "event_id" TEXT,
    "event_time" TIMESTAMPTZ(3) NOT NULL,
    "traceparent" TEXT,
    "payload" JSON,
    "raw_value" BYTEA,
    "headers" JSON,
    "fault" TEXT,
    "fault_path" TEXT,
    "fault_message" TEXT,
    PRIMARY KEY ("record_time", "topic", "partition", "offset")
  ) PARTITION BY RANGE ("record_time");
  CREATE INDEX ON "events" ("type", "record_time");
  CREATE INDEX ON "events" ("key", "record_time");

  -- Rows whose days have no partition (yet): see partitions.ts.
  CREATE TABLE "strays" (LIKE "events" INCLUDING ALL);
  CREATE VIEW "recorded" AS SELECT * FROM "events" UNION ALL SELECT * FROM "strays";

  -- What was ever recorded of each day, also after its rows have moved to files.
  CREATE TABLE "days" (
    "day" DATE NOT NULL,
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "rows" BIGINT NOT NULL,
    "last_offset" BIGINT NOT NULL,
    PRIMARY KEY ("day", "topic", "partition")
  )`;
