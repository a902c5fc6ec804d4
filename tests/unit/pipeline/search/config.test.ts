import { expect, test } from 'vitest';
import { InvalidConfiguration, readConfig } from '../../../../packages/sagaline/config/config.ts';
import { envOf } from '../../../../packages/sagaline/config/declared.ts';
import { postgresSearch } from '../../../../packages/sagaline/pipeline/search/define-search-index.ts';
import { openSearch } from '../../../../packages/sagaline/opensearch/opensearch.ts';
import { searchedLogs } from '../../../../gateways/pipeline/search/log.ts';
import { appProjections, readAppConfig } from '../../../support/reference.ts';

const withOpenSearch = (environment: Record<string, string>) => readConfig(environment, { declared: [openSearch] });

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.problems;
    throw error;
  }
  return [];
}

const tablesWith = (environment: Record<string, string>): string | undefined =>
  appProjections(environment).find(({ name }) => name === 'search')?.tables;

test('personal data are not searched unless somebody asks for it', () => {
  expect(readConfig({}).pipeline.search).toEqual({ personalData: false });
});

test('log lines bound themselves by variables of their own', () => {
  expect(searchedLogs.bounds(readAppConfig())).toEqual({ retentionMs: 7 * 24 * 3_600_000, max: 5_000_000 });
  const environment = { SEARCH_LOG_RETENTION: '2 hours', SEARCH_LOG_MAX: '10' };
  expect(searchedLogs.bounds(readAppConfig(environment))).toEqual({ retentionMs: 2 * 3_600_000, max: 10 });
  expect(problemsOf(() => readAppConfig({ SEARCH_LOG_RETENTION: '1 second', SEARCH_LOG_MAX: '0' }))).toHaveLength(2);
});

test('OpenSearch needs an address, and only where it is chosen', () => {
  expect(problemsOf(() => withOpenSearch({ SEARCH_INDEX: 'opensearch' }))).toEqual([
    'OPENSEARCH_URL: required when SEARCH_INDEX=opensearch, for example http://127.0.0.1:9200',
  ]);
  expect(problemsOf(() => withOpenSearch({}))).toEqual([]);
  const config = withOpenSearch({ SEARCH_INDEX: 'opensearch', OPENSEARCH_URL: 'https://search.example:9200' });
  expect(envOf(config, openSearch)).toEqual({
    SEARCH_INDEX: 'opensearch',
    OPENSEARCH_URL: 'https://search.example:9200',
    OPENSEARCH_INDEX: 'sagaline-search',
  });
});

test('what is wrong with it is told beside all else', () => {
  const wrong = {
    SEARCH_INDEX: 'opensearch',
    OPENSEARCH_URL: 'search:9200',
    OPENSEARCH_INDEX: 'Search',
    HTTP_PORT: '-1',
  };
  expect([...problemsOf(() => withOpenSearch(wrong))].sort()).toEqual([
    expect.stringMatching(/^HTTP_PORT: /),
    'OPENSEARCH_INDEX: must be lower-case letters, digits or -',
    'OPENSEARCH_URL: must be a URL with http: or https:',
  ]);
});

test('an index that the application did not plug in is refused', () => {
  const read = () => readConfig({ SEARCH_INDEX: 'opensearch' }, { declared: [postgresSearch] });
  expect(problemsOf(read)).toEqual([expect.stringMatching(/^SEARCH_INDEX: .*"postgresql"/)]);
  expect(problemsOf(() => withOpenSearch({ SEARCH_INDEX: 'meilisearch' }))).toEqual([
    expect.stringMatching(/^SEARCH_INDEX: .*"opensearch"/),
  ]);
});

test('another setting is another version of the tables, so that it asks for a rebuild', () => {
  const chosen = { SEARCH_INDEX: 'opensearch', OPENSEARCH_URL: 'http://127.0.0.1:9200' };
  const settings = [{}, { SEARCH_PERSONAL_DATA: 'true' }, chosen, { ...chosen, SEARCH_PERSONAL_DATA: 'true' }];
  expect(new Set([...settings, chosen].map(tablesWith)).size).toBe(4);
});
