/** Where documents are kept and found: in PostgreSQL, or in an index that the application plugs in and SEARCH_INDEX names. */
import { z } from 'zod';
import type { Declaration, EnvOf, EnvSchemas } from '../../config/declaration.ts';
import { envOf, type DeclaredValues } from '../../config/declared.ts';
import { createPostgresWriter } from './postgresql/write.ts';
import type { SearchReader, SearchWriter } from './search-index.ts';

/** An index, once it is known where it is. */
export interface SearchIndex {
  /** For the projection. */
  createWriter(): SearchWriter;
  /** For answers that somebody waits for. */
  createReader(): SearchReader;
}

/** What an index says of itself. */
export interface SearchIndexDefinition<Schemas extends EnvSchemas> {
  /** Its variables. */
  readonly env?: Schemas;
  /** As a declaration's, and asked only when SEARCH_INDEX names this index. */
  readonly contradictions?: (env: Partial<EnvOf<Schemas>>) => readonly string[];
  /**
   * Makes the index; nothing is asked yet.
   *
   * @param tools `personalData`: whether people's names and addresses are stored; another answer is another index
   */
  create(tools: { readonly env: EnvOf<Schemas>; readonly personalData: boolean }): SearchIndex;
}

/** What is read of a process's configuration. */
export interface SearchConfig {
  readonly declared: DeclaredValues;
  readonly pipeline: { readonly search: { readonly personalData: boolean } };
}

/** The search of an application, for `defineApp`. */
export interface AppSearch extends Declaration {
  /** For the engine: what the projection writes to. */
  createWriter(config: SearchConfig): SearchWriter;
  /**
   * For the engine: what the API asks.
   *
   * @param postgres PostgreSQL's, for where this index is not chosen
   */
  createReader(config: SearchConfig, postgres: SearchReader): SearchReader;
}

const POSTGRESQL = 'postgresql';

/**
 * Declares an index beside PostgreSQL, and its variables. It is used where SEARCH_INDEX is its name; PostgreSQL stays the default.
 *
 * @param name lower-case letters, such as `opensearch`
 * @example
 * import { fields, secret } from 'sagaline';
 * import { defineSearchIndex, type SearchIndex } from 'sagaline/pipeline';
 *
 * declare function createMeilisearch(options: { url: string; personalData: boolean }): SearchIndex;
 *
 * export const meilisearch = defineSearchIndex('meilisearch', {
 *   env: { MEILISEARCH_URL: secret(fields.httpUrl.default('http://127.0.0.1:7700')) },
 *   create: ({ env, personalData }) => createMeilisearch({ url: env.MEILISEARCH_URL, personalData }),
 * });
 */
export function defineSearchIndex<Schemas extends EnvSchemas>(
  name: string,
  definition: SearchIndexDefinition<Schemas>,
): AppSearch {
  const search: AppSearch = {
    env: { ...definition.env, SEARCH_INDEX: indexNames(name) },
    contradictions: (env) => (isChosen(env) ? (definition.contradictions?.(env as Partial<EnvOf<Schemas>>) ?? []) : []),
    createWriter: (config) => chosen(config)?.createWriter() ?? createPostgresWriter(),
    createReader: (config, postgres) => chosen(config)?.createReader() ?? postgres,
  };

  const isChosen = (env: Readonly<Record<string, unknown>>): boolean => env['SEARCH_INDEX'] === name;

  function chosen(config: SearchConfig): SearchIndex | undefined {
    const env = envOf(config, search);
    // Its own schemas read them; only the type of the whole does not say which they are.
    const { personalData } = config.pipeline.search;
    return isChosen(env) ? definition.create({ env: env as EnvOf<Schemas>, personalData }) : undefined;
  }

  return search;
}

/** Without an index plugged in. */
export const postgresSearch: AppSearch = {
  env: { SEARCH_INDEX: indexNames() },
  createWriter: () => createPostgresWriter(),
  createReader: (_config, postgres) => postgres,
};

function indexNames(...pluggedIn: readonly string[]) {
  return z.enum([POSTGRESQL, ...pluggedIn]).default(POSTGRESQL);
}
