/**
 * `tokens` has what documents are found by (text/tokens.ts), so it does not matter what locale the database has. Identifiers and
 * names are searched by trigrams for what is misspelt; lines are not, there are too many of them. They are ASCII mostly, which
 * is all that pg_trgm sees in a database of locale C. New tokens wait in a list of 1 MB before they are sorted in: with the usual
 * 4 MB the batch that has to do it takes twice as long, and so do the searches that read the list.
 */
export const DOCUMENTS = `
  CREATE TABLE "documents" (
    "kind" TEXT COLLATE "C" NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "time" BIGINT NOT NULL,
    "state" TEXT,
    "title" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "fields" JSONB NOT NULL,
    "names" TEXT,
    "tokens" TSVECTOR NOT NULL,
    PRIMARY KEY ("kind", "id")
  );
  CREATE INDEX "documents_time_idx" ON "documents" ("time", "kind", "id");
  CREATE INDEX "documents_tokens_idx" ON "documents" USING GIN ("tokens") WITH (gin_pending_list_limit = 1024);
  CREATE INDEX "documents_names_idx" ON "documents" USING GIN ("names" gin_trgm_ops) WHERE "names" IS NOT NULL;`;

/** A token that every document of a kind has, and no text: the few orders are not looked for among millions of lines. */
export const kindToken = (kind: string): string => `#${kind}`;
