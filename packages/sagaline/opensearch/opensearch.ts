/** OpenSearch as an add-on: `search: openSearch` in the app file, SEARCH_INDEX=opensearch and OPENSEARCH_URL where it runs. */
import { z } from 'zod';
import { secret } from '../config/declaration.ts';
import { httpUrl } from '../config/fields.ts';
import { defineSearchIndex, type SearchIndex } from '../pipeline/search/define-search-index.ts';
import { createOpenSearchClient } from './client.ts';
import type { IndexNaming } from './index-name.ts';
import { createOpenSearchReader } from './read.ts';
import { createOpenSearchWriter } from './write.ts';

export interface OpenSearchSettings extends IndexNaming {
  /** May carry user and password. */
  readonly url: string;
}

/**
 * Give it to `defineApp` as `search`. It is used where SEARCH_INDEX is `opensearch`; OPENSEARCH_URL says where it is, and
 * OPENSEARCH_INDEX what its indices' names begin with.
 */
export const openSearch = defineSearchIndex('opensearch', {
  env: {
    OPENSEARCH_URL: secret(httpUrl.optional()),
    OPENSEARCH_INDEX: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,99}$/, 'must be lower-case letters, digits or -')
      .default('sagaline-search'),
  },
  // A URL that does not fit is absent, too, and has been told.
  contradictions: (env) =>
    'OPENSEARCH_URL' in env && env.OPENSEARCH_URL === undefined
      ? ['OPENSEARCH_URL: required when SEARCH_INDEX=opensearch, for example http://127.0.0.1:9200']
      : [],
  create: ({ env: { OPENSEARCH_URL: url, OPENSEARCH_INDEX: prefix }, personalData }) => {
    if (url === undefined) throw new TypeError('the configuration was taken without OPENSEARCH_URL');
    return createOpenSearch({ url, prefix, personalData });
  },
});

/** An index of documents in OpenSearch. Nothing is asked before the first write or search. */
export function createOpenSearch({ url, ...naming }: OpenSearchSettings): SearchIndex {
  return {
    createWriter: () => createOpenSearchWriter(createOpenSearchClient({ url }), naming),
    createReader: () =>
      // Somebody waits for the answer: it is tried again once, and no more.
      createOpenSearchReader(createOpenSearchClient({ url, attempts: 2, timeoutMs: 5_000 }), naming),
  };
}
