/**
 * Windows hold sums and nothing else, so that it makes no difference in which order partitions add to them. The key begins
 * with what a read asks for: one size and measure over a range of time. Times are ms since the epoch.
 */
export const TABLES = `
  CREATE TABLE "counts" (
    "window_ms" INTEGER NOT NULL,
    "measure" TEXT NOT NULL,
    "window_start" BIGINT NOT NULL,
    "label" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "value" BIGINT NOT NULL,
    PRIMARY KEY ("window_ms", "measure", "window_start", "label", "detail")
  ) WITH (fillfactor = 70);

  -- Minor units. NUMERIC, because a thousand amounts that are each allowed do not fit into a BIGINT together.
  CREATE TABLE "amounts" (
    "window_ms" INTEGER NOT NULL,
    "measure" TEXT NOT NULL,
    "window_start" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "value" NUMERIC NOT NULL,
    PRIMARY KEY ("window_ms", "measure", "window_start", "currency")
  ) WITH (fillfactor = 70);

  -- A sketch of how long sagas took that ended in the window: durations by bin.
  CREATE TABLE "durations" (
    "window_ms" INTEGER NOT NULL,
    "window_start" BIGINT NOT NULL,
    "bin" INTEGER NOT NULL,
    "value" BIGINT NOT NULL,
    PRIMARY KEY ("window_ms", "window_start", "bin")
  ) WITH (fillfactor = 70);

  -- Events that came when their window was closed.
  CREATE TABLE "late" (
    "topic" TEXT NOT NULL,
    "window_ms" INTEGER NOT NULL,
    "value" BIGINT NOT NULL,
    PRIMARY KEY ("topic", "window_ms")
  );

  -- The clock of each partition.
  CREATE TABLE "watermarks" (
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "newest" BIGINT NOT NULL,
    PRIMARY KEY ("topic", "partition")
  );

  -- What is counted once for each business key: the earliest record of its kind.
  CREATE TABLE "facts" (
    "type" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "time" BIGINT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "late" SMALLINT NOT NULL,
    "amount" BIGINT,
    "currency" TEXT,
    "compensated" BOOLEAN NOT NULL,
    PRIMARY KEY ("type", "key")
  )`;
