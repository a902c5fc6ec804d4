import { expect, test } from 'vitest';
import { readConfig } from '../../../../gateways/config.ts';
import { appProjections } from '../../../support/reference.ts';

const tablesWith = (environment: Record<string, string>): string | undefined =>
  appProjections(environment).find(({ name }) => name === 'search')?.tables;

test('personal data are not searched unless somebody asks for it', () => {
  expect(readConfig({}).pipeline.search).toEqual({
    openSearch: undefined,
    personalData: false,
    logs: { retentionMs: 7 * 24 * 3_600_000, max: 5_000_000 },
  });
});

test('OpenSearch needs an address', () => {
  expect(() => readConfig({ SEARCH_INDEX: 'opensearch' })).toThrow(
    /OPENSEARCH_URL: required when SEARCH_INDEX=opensearch/,
  );
  const config = readConfig({ SEARCH_INDEX: 'opensearch', OPENSEARCH_URL: 'https://search.example:9200' });
  expect(config.pipeline.search.openSearch).toEqual({ url: 'https://search.example:9200', prefix: 'sagaline-search' });
});

test('another setting is another version of the tables, so that it asks for a rebuild', () => {
  const openSearch = { SEARCH_INDEX: 'opensearch', OPENSEARCH_URL: 'http://127.0.0.1:9200' };
  const settings = [{}, { SEARCH_PERSONAL_DATA: 'true' }, openSearch, { ...openSearch, SEARCH_PERSONAL_DATA: 'true' }];
  expect(new Set([...settings, openSearch].map(tablesWith)).size).toBe(4);
});
