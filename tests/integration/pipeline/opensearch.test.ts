/** The OpenSearch adapter against a real OpenSearch, and against one that is in trouble: a proxy in front of it. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ProjectionTransaction } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import type { SearchDocument } from '../../../packages/sagaline/pipeline/search/document.ts';
import { createOpenSearchClient } from '../../../packages/sagaline/opensearch/client.ts';
import { aliasOf } from '../../../packages/sagaline/opensearch/index-name.ts';
import { createOpenSearchReader } from '../../../packages/sagaline/opensearch/read.ts';
import { createOpenSearchWriter } from '../../../packages/sagaline/opensearch/write.ts';
import { SearchUnavailable, type SearchRequest } from '../../../packages/sagaline/pipeline/search/search-index.ts';
import { parseQuery } from '../../../packages/sagaline/pipeline/search/text/query.ts';
import { startOpenSearch } from '../../support/opensearch.ts';
import { startOpenSearchProxy, type OpenSearchProxy } from './support/opensearch-proxy.ts';

const openSearch = await startOpenSearch();
const real = 'missing' in openSearch ? '' : openSearch.url;
afterAll(async () => {
  if (!('missing' in openSearch)) await openSearch.stop();
});

/** OpenSearch is outside of it. */
const tx: ProjectionTransaction = { live: true, query: () => Promise.reject(new Error('not asked')) };

function aDocument(id: string, text: string, own: Partial<SearchDocument> = {}): SearchDocument {
  const common = { kind: 'order', id, version: 1, time: 1_000, state: 'created', title: `order ${id}` } as const;
  return { ...common, text, fields: { amount: 1999, skus: ['book'] }, identifiers: [id], names: [], ...own };
}

/** An index of its own for each test. */
function connect(url: string) {
  const naming = { prefix: `test-${randomUUID()}`, personalData: false };
  const client = createOpenSearchClient({ url, backoffMs: 1, attempts: 4 });
  const reader = createOpenSearchReader(client, naming);
  const index = `${real}/${aliasOf(naming)}`;
  /** Whatever was written is found from here on; a refresh of the server's own may show half of it. */
  const refresh = async (): Promise<void> => {
    const { status } = await fetch(`${index}/_refresh`, { method: 'POST' });
    expect(status).toBe(200);
  };
  const ask = async (typed: string, own: Partial<SearchRequest> = {}) => {
    const query = parseQuery(typed);
    if (!query) throw new Error('asks for nothing');
    return reader.search({ query, limit: 10, ...own });
  };
  return {
    writer: createOpenSearchWriter(client, naming),
    ask,
    refresh,
    ids: async (typed: string, own: Partial<SearchRequest> = {}) => (await ask(typed, own)).hits.map(({ id }) => id),
    /** Past the adapter: what the server has. */
    documents: async (): Promise<string[]> => {
      await refresh();
      const response = await fetch(`${index}/_search?size=1000`);
      const { hits } = (await response.json()) as { hits: { hits: { _id: string }[] } };
      return hits.hits.map(({ _id }) => _id).sort();
    },
    deleteIndex: () => fetch(`${index}-000001`, { method: 'DELETE' }),
  };
}

describe.skipIf(real === '')('OpenSearch', () => {
  test('shows what was written by itself, in a moment', async () => {
    const { writer, ids } = connect(real);
    await writer.write(tx, [aDocument('o-1', 'text')]);
    await vi.waitFor(async () => expect(await ids('text')).toEqual(['o-1']), { timeout: 20_000, interval: 50 });
  });

  test('finds words, Korean and English, exact ids first, then the newest', async () => {
    const { writer, refresh, ids, ask } = connect(real);
    await writer.write(tx, [
      aDocument('o-1', '결제가 거절되었습니다', { time: 1 }),
      aDocument('o-2', 'payments declined after o-1', { time: 3, kind: 'saga' }),
      aDocument('o-3', 'o-1 again', { time: 2, kind: 'log', version: 1 }),
    ]);
    await refresh();
    expect(await ids('결제')).toEqual(['o-1']);
    expect(await ids('payment')).toEqual(['o-2']);
    expect(await ids('o-1')).toEqual(['o-1', 'o-2', 'o-3']);
    expect(await ids('o-1', { kind: 'log' })).toEqual(['o-3']);
    expect(await ids('o-1', { from: 2, to: 3 })).toEqual(['o-3']);
    expect(await ids('nowhere-to-be-found')).toEqual([]);
    expect((await ask('결제')).hits[0]).toMatchObject({
      title: 'order o-1',
      state: 'created',
      fields: { skus: ['book'] },
    });
  });

  test('goes on where a page ended', async () => {
    const { writer, refresh, ask } = connect(real);
    const documents = Array.from({ length: 7 }, (_, index) =>
      aDocument(`x-${index}`, 'page of x-3', { time: index >> 1 }),
    );
    await writer.write(tx, documents);
    await refresh();
    expect((await ask('page')).hits).toHaveLength(7);
    const seen: string[] = [];
    let after: SearchRequest['after'];
    do {
      const { hits, more } = await ask('x-3', { limit: 2, after });
      seen.push(...hits.map(({ id }) => id));
      const last = hits.at(-1);
      after = more && last && last.tier !== 2 ? { ...last, tier: last.tier } : undefined;
    } while (after);
    expect(seen).toEqual(['x-3', 'x-6', 'x-5', 'x-4', 'x-2', 'x-1', 'x-0']);
  });

  test('ends a page by its weight, too, and asks for fewer of the longest documents', async () => {
    const { writer, refresh, ask } = connect(real);
    const documents = Array.from({ length: 201 }, (_, index) =>
      aDocument(`x-${index}`, `heavy ${'x'.repeat(90_000)}`, { time: index }),
    );
    await writer.write(tx, documents);
    await refresh();
    expect((await ask('heavy', { from: 200 })).hits).toHaveLength(1);
    const { hits, more } = await ask('heavy', { limit: 200 });
    expect([hits.map(({ id }) => id), more]).toEqual([
      Array.from({ length: 12 }, (_, index) => `x-${200 - index}`),
      true,
    ]);
    const last = await ask('heavy', { limit: 200, after: { tier: 1, time: 5, kind: 'order', id: 'x-5' } });
    expect([last.hits.length, last.more]).toEqual([5, false]);
  });

  test('finds a misspelt name when nothing else is found', async () => {
    const { writer, refresh, ask } = connect(real);
    await writer.write(tx, [aDocument('order-1001', 'one', { names: ['blue-shirt'] }), aDocument('other-7', 'two')]);
    await refresh();
    expect((await ask('one')).hits).toHaveLength(1);
    expect((await ask('blue-shrit')).hits).toMatchObject([{ id: 'order-1001', tier: 2 }]);
  });

  test('keeps the newest version, whatever comes later', async () => {
    const { writer, refresh, ids } = connect(real);
    await writer.write(tx, [aDocument('o-1', 'second', { version: 2 })]);
    await writer.write(tx, [aDocument('o-1', 'first', { version: 1 }), aDocument('o-2', 'beside')]);
    await writer.write(tx, [aDocument('o-1', 'second', { version: 2 })]);
    await refresh();
    expect(await ids('beside')).toEqual(['o-2']);
    expect(await ids('second')).toEqual(['o-1']);
    expect(await ids('first')).toEqual([]);
  });

  test('is written anew by a rebuild, unless a document is newer by now', async () => {
    const { writer, refresh, ids } = connect(real);
    await writer.write(tx, [aDocument('o-1', 'stale', { version: 2 }), aDocument('o-2', 'newer', { version: 3 })]);
    await writer.write({ ...tx, live: false }, [
      aDocument('o-1', 'rebuilt', { version: 2 }),
      aDocument('o-2', 'rebuilt', { version: 2 }),
    ]);
    await refresh();
    expect(await ids('rebuilt')).toEqual(['o-1']);
    expect(await ids('newer')).toEqual(['o-2']);
    expect(await ids('stale')).toEqual([]);
  });

  test('objects to a rebuild that would count fewer records, and says what helps', () => {
    const { writer } = connect(real);
    const at = (offset: bigint) => ({ topic: 'order.created', partition: 1, offset });
    expect(writer.objectToRebuild?.([at(0n)])).toBeUndefined();
    expect(writer.objectToRebuild?.([at(0n), at(7n)])).toMatch(/order\.created\/1 begins at 7.*delete the index test-/);
  });

  test('prunes log lines by age, and nothing else', async () => {
    const { writer, refresh, ids } = connect(real);
    await writer.write(tx, [
      aDocument('old-line', 'words', { kind: 'log', time: 1 }),
      aDocument('new-line', 'words', { kind: 'log', time: 9 }),
      aDocument('old-order', 'words', { time: 1 }),
    ]);
    await refresh();
    expect(await ids('words')).toHaveLength(3);
    await writer.prune(tx, { kind: 'log', before: 5, keep: 1 });
    // A task of the server's own, which is not waited for.
    const pruned = async () => {
      await refresh();
      expect((await ids('words')).sort()).toEqual(['new-line', 'old-order']);
    };
    await vi.waitFor(pruned, { timeout: 20_000, interval: 50 });
  });

  test('a search before anything was written says that there is no index yet', async () => {
    await expect(connect(real).ask('anything')).rejects.toThrow(SearchUnavailable);
  });
});

describe.skipIf(real === '')('a server in trouble', () => {
  let proxy: OpenSearchProxy;
  beforeAll(async () => {
    proxy = await startOpenSearchProxy(real);
  });
  afterEach(() => proxy.forget());
  afterAll(() => proxy.close());
  const bulks = () => proxy.requests.filter(({ path }) => path.includes('_bulk'));
  const url = (credentials = '') => `http://${credentials}${proxy.host}`;

  test('is asked again after 429 and 503', async () => {
    const { writer, documents } = connect(url());
    proxy.faults.push({ status: 503, body: {} }, { status: 429, body: 'no object' });
    await writer.write(tx, [aDocument('o-1', 'text')]);
    expect(await documents()).toEqual(['order/o-1']);
  });

  test('gets only those documents again that it put off', async () => {
    const { writer, documents } = connect(url());
    proxy.itemFaults.set('order/o-2', [429, 503]);
    await writer.write(
      tx,
      ['o-1', 'o-2', 'o-3'].map((id) => aDocument(id, 'text')),
    );
    expect(await documents()).toEqual(['order/o-1', 'order/o-2', 'order/o-3']);
    expect(bulks().map(({ items }) => items)).toEqual([3, 1, 1]);
  });

  test('that refuses a document stops the projection; no text is in the message', async () => {
    const { writer } = connect(url());
    const refused = aDocument('o-1', 'secret', { time: 1e300 });
    await expect(writer.write(tx, [refused, aDocument('o-2', 'text')])).rejects.toThrow(
      new SearchUnavailable('OpenSearch refused a document: 400 mapper_parsing_exception'),
    );
  });

  test('that never has room does so, too', async () => {
    const { writer } = connect(url());
    proxy.itemFaults.set('order/o-1', [429, 429, 429, 429, 429]);
    await expect(writer.write(tx, [aDocument('o-1', 'secret')])).rejects.toThrow(
      new SearchUnavailable('OpenSearch put documents off: 429 rejected_execution_exception'),
    );
  });

  test('that fails at first is asked for the index again', async () => {
    const { writer, documents } = connect(url());
    proxy.faults.push({ status: 403, body: { error: { type: 'security_exception' } } });
    await expect(writer.write(tx, [aDocument('o-1', 'text')])).rejects.toThrow(/made no index: 403 security_exception/);
    await writer.write(tx, [aDocument('o-1', 'text')]);
    expect(await documents()).toEqual(['order/o-1']);
  });

  test('whose index was deleted gets it again, with its mapping', async () => {
    const { writer, documents, deleteIndex, ids } = connect(url());
    await writer.write(tx, [aDocument('o-1', 'text')]);
    expect((await deleteIndex()).status).toBe(200);
    await writer.write(tx, [aDocument('o-2', '결제가 거절되었습니다')]);
    expect(await documents()).toEqual(['order/o-2']);
    expect(await ids('결제')).toEqual(['o-2']);
    expect(proxy.requests.filter(({ method }) => method === 'PUT')).toHaveLength(2);
  });

  test('gets large batches in pieces', async () => {
    const { writer, documents } = connect(url());
    const line = '결제'.repeat(5_000);
    await writer.write(
      tx,
      Array.from({ length: 300 }, (_, index) => aDocument(`o-${index}`, line)),
    );
    expect(await documents()).toHaveLength(300);
    expect(bulks()).toHaveLength(2);
  });

  test('gets the credentials of its URL as a header', async () => {
    await connect(url('user:p%40ss@')).writer.write(tx, [aDocument('o-1', 'text')]);
    const expected = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(new Set(proxy.requests.map(({ authorization }) => authorization))).toEqual(new Set([expected]));
  });

  test('that hangs up, before it did what it was told or after, is told again', async () => {
    const { writer, documents } = connect(url());
    proxy.hangUps.push('before', 'after');
    await writer.write(tx, [aDocument('o-1', 'text')]);
    expect(await documents()).toEqual(['order/o-1']);
  });
});

test('a server that is not there is said so', async () => {
  await expect(connect('http://127.0.0.1:9').ask('anything')).rejects.toThrow(
    /OpenSearch did not answer in 4 attempts/,
  );
});
