import type { BurstSettings } from './settings.ts';

/**
 * The burst's settings are part of the text: what was counted by other ones is another version's, and asks for a rebuild.
 *
 * `attributes` is json and not jsonb, which refuses some of what JSON allows.
 */
export const tablesFor = ({ threshold, windowMs }: BurstSettings): string => `
  CREATE TABLE "lines" (
    "at" BIGINT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "service" TEXT NOT NULL,
    "level" SMALLINT NOT NULL,
    "message" TEXT NOT NULL,
    "trace_id" TEXT,
    "attributes" JSON,
    PRIMARY KEY ("at", "partition", "offset")
  );
  CREATE INDEX "lines_service_idx" ON "lines" ("service", "at");
  CREATE INDEX "lines_error_idx" ON "lines" ("at") WHERE "level" >= 50;
  CREATE INDEX "lines_trace_idx" ON "lines" ("trace_id", "at") WHERE "trace_id" IS NOT NULL;

  CREATE TABLE "services" (
    "service" TEXT PRIMARY KEY,
    "first_at" BIGINT NOT NULL,
    "last_at" BIGINT NOT NULL,
    "lines" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL
  );

  -- Errors in each tenth of a window. A burst: ${threshold} within ${windowMs} ms.
  CREATE TABLE "error_counts" (
    "service" TEXT NOT NULL,
    "tenth" BIGINT NOT NULL,
    "errors" INTEGER NOT NULL,
    PRIMARY KEY ("service", "tenth")
  );
  CREATE INDEX "error_counts_tenth_idx" ON "error_counts" ("tenth");

  CREATE TABLE "bursts" (
    "service" TEXT NOT NULL,
    "started_at" BIGINT NOT NULL,
    "ended_at" BIGINT NOT NULL,
    PRIMARY KEY ("service", "ended_at")
  );
  CREATE INDEX "bursts_ended_at_idx" ON "bursts" ("ended_at")`;
