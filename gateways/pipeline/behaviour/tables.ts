/** The session gap is part of the text: sessions cut by another one are another version's, and ask for a rebuild. */
export const tablesFor = (sessionGapMs: number): string => `
  CREATE TABLE "users" (
    "user_id" TEXT PRIMARY KEY,
    "first_at" BIGINT NOT NULL,
    "last_at" BIGINT NOT NULL,
    "activities" BIGINT NOT NULL
  );

  -- Days since 1970-01-01, in UTC. "stages" has a bit for each stage of the funnel that activities tell of.
  CREATE TABLE "user_days" (
    "day" INTEGER NOT NULL,
    "user_id" TEXT NOT NULL,
    "activities" INTEGER NOT NULL,
    "stages" SMALLINT NOT NULL,
    PRIMARY KEY ("day", "user_id")
  );

  CREATE TABLE "pages" (
    "day" INTEGER NOT NULL,
    "page" TEXT NOT NULL,
    "activities" INTEGER NOT NULL,
    PRIMARY KEY ("day", "page")
  );

  -- A pause longer than ${sessionGapMs} ms ends a session.
  CREATE TABLE "sessions" (
    "user_id" TEXT NOT NULL,
    "started_at" BIGINT NOT NULL,
    "ended_at" BIGINT NOT NULL,
    "activities" INTEGER NOT NULL,
    PRIMARY KEY ("user_id", "ended_at")
  );

  -- What order.created tells, and when order.completed came: either may be first.
  CREATE TABLE "orders" (
    "order_id" TEXT PRIMARY KEY,
    "user_id" TEXT,
    "ordered_at" BIGINT,
    "skus" TEXT[],
    "paid_at" BIGINT
  );
  CREATE INDEX "orders_ordered_at_idx" ON "orders" ("ordered_at");
  CREATE INDEX "orders_paid_at_idx" ON "orders" ("paid_at");

  -- Orders that have both articles; each pair both ways.
  CREATE TABLE "pairs" (
    "sku" TEXT NOT NULL,
    "other" TEXT NOT NULL,
    "orders" INTEGER NOT NULL,
    PRIMARY KEY ("sku", "other")
  )`;
