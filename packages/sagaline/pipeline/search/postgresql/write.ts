import { bigintArray, jsonArray, textArray } from '../../runtime/binary-array.ts';
import type { SearchDocument } from '../document.ts';
import type { SearchWriter } from '../search-index.ts';
import { normalise } from '../text/segments.ts';
import { tokensOf } from '../text/tokens.ts';
import { DOCUMENTS, kindToken } from './tables.ts';

/** Lines that one call of `prune` deletes at most: the transaction must not hold the others up. */
const PRUNED_AT_ONCE = 50_000;

/** Documents in a table of the projection itself: a document is there exactly when its events are applied. */
export function createPostgresWriter(): SearchWriter {
  return {
    tables: DOCUMENTS,

    async write(tx, documents) {
      if (documents.length === 0) return;
      const sorted = [...documents].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      await tx.query(
        `INSERT INTO "documents" ("kind", "id", "time", "state", "title", "text", "fields", "names", "tokens")
         SELECT "kind", "id", "time", "state", "title", "text", "fields"::jsonb, "names",
                array_to_tsvector(string_to_array("tokens", ' '))
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::json[], $8::text[], $9::text[])
              AS "new" ("kind", "id", "time", "state", "title", "text", "fields", "names", "tokens")
         ON CONFLICT ("kind", "id") DO UPDATE SET
           "time" = EXCLUDED."time", "state" = EXCLUDED."state", "title" = EXCLUDED."title", "text" = EXCLUDED."text",
           "fields" = EXCLUDED."fields", "names" = EXCLUDED."names", "tokens" = EXCLUDED."tokens"`,
        [
          textArray(sorted.map(({ kind }) => kind)),
          textArray(sorted.map(({ id }) => id)),
          bigintArray(sorted.map(({ time }) => String(time))),
          textArray(sorted.map(({ state }) => state ?? null)),
          textArray(sorted.map(({ title }) => title)),
          textArray(sorted.map(({ text }) => text)),
          jsonArray(sorted.map(({ fields }) => JSON.stringify(fields))),
          textArray(sorted.map(namesOf)),
          textArray(sorted.map(tsTokensOf)),
        ],
      );
    },

    async prune(tx, { kind, before, keep }) {
      // The time of the last one that stays; others of the same moment stay with it.
      await tx.query(
        `DELETE FROM "documents" WHERE "kind" = $4 AND "id" IN (
           SELECT "id" FROM "documents"
           WHERE "kind" = $4 AND "time" < greatest($1::bigint, (
             SELECT "time" FROM "documents" WHERE "kind" = $4 ORDER BY "time" DESC OFFSET $2 - 1 LIMIT 1))
           ORDER BY "time" LIMIT $3)`,
        [before, keep, PRUNED_AT_ONCE, kind],
      );
    },
  };
}

const keyOf = ({ kind, id }: SearchDocument): string => `${kind}/${id}`;

/** Names that somebody may misspell; a line has none. */
function namesOf({ line, identifiers, names }: SearchDocument): string | null {
  return line ? null : normalise([...new Set([...identifiers, ...names])].join(' '));
}

const tsTokensOf = ({ kind, title, text, identifiers, names }: SearchDocument): string =>
  [kindToken(kind), ...tokensOf([title, ...names, text], identifiers)].join(' ');
