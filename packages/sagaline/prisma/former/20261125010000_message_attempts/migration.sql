-- Which attempt holds a message, so that one that comes back late ends its own claim and no other; and whether an attempt that
-- nobody heard of again may have sent it, which no later attempt may forget.
ALTER TABLE "messages" ADD COLUMN "attempt" TEXT;
ALTER TABLE "messages" ADD COLUMN "maybe_sent" BOOLEAN NOT NULL DEFAULT false;
