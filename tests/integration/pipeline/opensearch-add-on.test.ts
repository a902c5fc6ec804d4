/** The reference application with SEARCH_INDEX=opensearch: from a record on a topic, through a real OpenSearch, to an answer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { createPostgresReader } from '../../../packages/sagaline/pipeline/search/postgresql/read.ts';
import type { EventType } from '../../../workflows/events.ts';
import { eventually } from '../../support/kafka.ts';
import { startOpenSearch } from '../../support/opensearch.ts';
import { app, appProjections, readAppConfig } from '../../support/reference.ts';
import { createTestApp } from '../../unit/http/support/test-app.ts';
import { createPipelineWorld, type PipelineWorld } from './support/world.ts';

const openSearch = await startOpenSearch();
afterAll(async () => {
  if (!('missing' in openSearch)) await openSearch.stop();
});

describe.skipIf('missing' in openSearch)('search in OpenSearch', () => {
  const url = 'missing' in openSearch ? 'http://127.0.0.1:9' : openSearch.url;
  const environment = { SEARCH_INDEX: 'opensearch', OPENSEARCH_URL: url, OPENSEARCH_INDEX: 'add-on' };
  const search = appProjections(environment).find(({ name }) => name === 'search');
  if (!search) throw new Error('the application has no search');
  let world: PipelineWorld;
  let database: Database;
  beforeAll(async () => {
    world = await createPipelineWorld({ topics: search.topics as EventType[] });
    database = createDatabase({ url: world.databaseUrl, poolSize: 4, acquireTimeoutMs: 5_000 });
  });
  afterAll(async () => {
    await database.$disconnect();
    await world.close();
  });

  test('an order that was produced is found by HTTP, and its documents are in OpenSearch alone', async () => {
    const http = createTestApp({
      database,
      search: app.search.createReader(readAppConfig(environment), createPostgresReader(database)),
    });
    await world.start(search);
    const payload = {
      ...{ orderId: 'o-100', customerId: 'customer-1', amount: 1999, currency: 'EUR' },
      items: [{ sku: 'blue-shirt', quantity: 1, unitPrice: 1999 }],
      contact: { email: 'ada@customer.example' },
      paymentMethod: { token: 'tok_ok' },
    };
    await world.produce({ type: 'order.created', payload });

    await eventually(async () => {
      const response = await http.app.request('/v1/search?q=blue-shirt');
      expect(await response.json()).toMatchObject({
        items: [{ kind: 'order', id: 'o-100', state: 'created', fields: { amount: 1999 } }],
      });
    });
    // The order, and its saga in its own time; a refresh of the server's own may show one of them.
    await eventually(async () => {
      await fetch(`${url}/add-on-1/_refresh`, { method: 'POST' });
      const indexed = await fetch(`${url}/add-on-1/_count`);
      expect(await indexed.json()).toMatchObject({ count: 2 });
    });
    const tables = await world.rows<{ table: string }>(
      search,
      `SELECT "table_name" AS "table" FROM "information_schema"."tables" WHERE "table_schema" = current_schema()`,
    );
    expect(tables.map(({ table }) => table)).not.toContain('documents');
  });
});
