/** Chooses where documents are kept and found: SEARCH_INDEX. */
import type { Database } from '../../../prisma/database.ts';
import { createOpenSearchClient } from './opensearch/client.ts';
import { createOpenSearchReader } from './opensearch/read.ts';
import { createOpenSearchWriter } from './opensearch/write.ts';
import { createPostgresReader } from './postgresql/read.ts';
import { createPostgresWriter } from './postgresql/write.ts';
import type { SearchReader, SearchWriter } from './search-index.ts';

export interface SearchConfig {
  /** Undefined: PostgreSQL. */
  readonly openSearch: { readonly url: string; readonly prefix: string } | undefined;
  readonly personalData: boolean;
}

export function createSearchWriter({ openSearch, personalData }: SearchConfig): SearchWriter {
  if (!openSearch) return createPostgresWriter();
  const { prefix } = openSearch;
  return createOpenSearchWriter(createOpenSearchClient(openSearch), { prefix, personalData });
}

export function createSearchReader({ openSearch, personalData }: SearchConfig, database: Database): SearchReader {
  if (!openSearch) return createPostgresReader(database);
  const { prefix } = openSearch;
  // Somebody waits for the answer: it is tried again once, and no more.
  return createOpenSearchReader(createOpenSearchClient({ ...openSearch, attempts: 2, timeoutMs: 5_000 }), {
    ...{ prefix, personalData },
  });
}
