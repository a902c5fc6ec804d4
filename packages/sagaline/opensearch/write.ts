import { z } from 'zod';
import type { SearchDocument } from '../pipeline/search/document.ts';
import { SearchUnavailable, type SearchWriter } from '../pipeline/search/search-index.ts';
import { normalise } from '../pipeline/search/text/segments.ts';
import { tokensOf } from '../pipeline/search/text/tokens.ts';
import { createBulk, type BulkItem } from './bulk.ts';
import type { OpenSearchClient } from './client.ts';
import { aliasOf, indexBody, type IndexNaming } from './index-name.ts';

const Failure = z.object({ error: z.object({ type: z.string() }) });

/** Lines that one call of `prune` deletes at most. */
const PRUNED_AT_ONCE = 100_000;

/**
 * Documents in OpenSearch. Its writes are outside of the transaction, so they come before its end: what is committed is there. An
 * attempt whose transaction fails has written what the next one will write, or a part of it; versions sort that out.
 */
export function createOpenSearchWriter(client: OpenSearchClient, naming: IndexNaming): SearchWriter {
  const alias = aliasOf(naming);
  const bulk = createBulk({ client, alias, ensureIndex });
  let ensured: Promise<void> | undefined;

  async function ensureIndex(): Promise<void> {
    const { status, body } = await client.request('PUT', `/${alias}-000001`, indexBody(alias));
    const reason = Failure.safeParse(body).data?.error.type ?? 'without a reason';
    if (status !== 200 && reason !== 'resource_already_exists_exception') {
      throw new SearchUnavailable(`OpenSearch made no index: ${status} ${reason}`);
    }
  }

  return {
    tables: `-- documents are in OpenSearch: ${alias}`,

    async write({ live }, documents) {
      if (documents.length === 0) return;
      // Once per process; should it fail, the next batch tries again.
      ensured ??= ensureIndex().catch((error: unknown) => {
        ensured = undefined;
        throw error;
      });
      await ensured;
      // A rebuild writes to the same index: what is there in the same version may have been made by older code.
      await bulk(documents.map((document) => ({ ...itemOf(document), anew: !live })));
    },

    /** Versions count records: with fewer of them, what comes next would be taken for older than what is there. */
    objectToRebuild(from) {
      const late = from.find(({ offset }) => offset > 0n);
      if (!late) return undefined;
      return (
        `its documents in OpenSearch count records that would not be read again (${late.topic}/${late.partition} begins ` +
        `at ${late.offset}), so their later changes would be ignored. Stop the pipeline, delete the index ${alias}-000001, ` +
        'and then rebuild by force'
      );
    },

    /** By age only: OpenSearch has no way to the time of the n-th newest. */
    async prune(_tx, { kind, before }) {
      const { status } = await client.request(
        'POST',
        `/${alias}/_delete_by_query?conflicts=proceed&wait_for_completion=false&ignore_unavailable=true&max_docs=${PRUNED_AT_ONCE}`,
        { query: { bool: { filter: [{ term: { kind } }, { range: { time: { lt: before } } }] } } },
      );
      if (status !== 200 && status !== 404) throw new SearchUnavailable(`OpenSearch did not prune: status ${status}`);
    },
  };
}

function itemOf(document: SearchDocument): BulkItem {
  const { kind, id, version, line, time, state, title, text, fields, identifiers, names } = document;
  return {
    id: `${kind}/${id}`,
    version,
    source: {
      ...{ kind, id, time, title, text, fields, state: state ?? null },
      tokens: tokensOf([title, ...names, text], identifiers),
      ...(!line && { names: [...new Set([...identifiers, ...names].map(normalise))] }),
    },
  };
}
