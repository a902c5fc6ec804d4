/**
 * OpenSearch as far as its protocol goes: a strict little server, for the real one cannot be had everywhere. What it does not know
 * it refuses. The same tests run against a real one where SAGALINE_TEST_OPENSEARCH_URL gives its address.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { evaluate, type Source } from './opensearch-query.ts';

const Action = z.strictObject({
  index: z.strictObject({
    _id: z.string().max(512),
    version: z.int().positive(),
    version_type: z.enum(['external', 'external_gte']),
  }),
});
const Search = z.strictObject({
  query: z.record(z.string(), z.unknown()),
  size: z.int().min(1).max(10_000),
  sort: z.array(z.record(z.string(), z.enum(['asc', 'desc']))),
  search_after: z.array(z.union([z.string(), z.number()])).optional(),
  timeout: z.string(),
  track_total_hits: z.literal(false),
  _source: z.array(z.string()),
});
const Index = z.strictObject({
  aliases: z.record(z.string(), z.strictObject({})),
  settings: z.strictObject({ index: z.strictObject({ refresh_interval: z.string() }) }),
  mappings: z.strictObject({
    dynamic: z.literal(false),
    properties: z.record(z.string(), z.object({ type: z.string() })),
  }),
});

interface Stored {
  readonly version: number;
  readonly source: Source;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export type OpenSearchServer = Awaited<ReturnType<typeof startOpenSearchServer>>;

const error = (status: number, type: string): Reply => ({
  status,
  body: { error: { type, reason: 'as asked' }, status },
});

export async function startOpenSearchServer() {
  const documents = new Map<string, Stored>();
  let aliases: string[] = [];
  /** Answers to give before any other: for whole requests, and for single documents by their ids. */
  const faults: Reply[] = [];
  const itemFaults = new Map<string, number[]>();
  const requests: { method: string; path: string; authorization: string | undefined; items: number }[] = [];

  function bulk(alias: string, parameters: URLSearchParams, type: string | undefined, body: string): Reply {
    if (type !== 'application/x-ndjson') return error(406, 'media_type_header_exception');
    if (!body.endsWith('\n')) return error(400, 'illegal_argument_exception');
    const lines = body.slice(0, -1).split('\n');
    if (lines.length % 2 !== 0) return error(400, 'illegal_argument_exception');
    const items = [];
    for (let at = 0; at < lines.length; at += 2) {
      const action = Action.safeParse(JSON.parse(lines[at] ?? ''));
      if (!action.success) return error(400, 'illegal_argument_exception');
      const source = JSON.parse(lines[at + 1] ?? '') as Source;
      const hasIndex = aliases.includes(alias) || parameters.get('require_alias') !== 'true';
      items.push({ index: hasIndex ? put(action.data.index, source) : itemError(404, 'index_not_found_exception') });
    }
    return { status: 200, body: { took: 1, errors: items.some(({ index }) => 'error' in index), items } };
  }

  const itemError = (status: number, type: string) => ({ status, error: { type, reason: 'as asked' } });

  function put({ _id, version, version_type }: z.infer<typeof Action>['index'], source: Source) {
    const fault = itemFaults.get(_id)?.shift();
    if (fault !== undefined)
      return itemError(fault, fault === 429 ? 'rejected_execution_exception' : 'mapper_parsing_exception');
    const known = documents.get(_id);
    const least = version_type === 'external' ? version - 1 : version;
    if (known && known.version > least) return itemError(409, 'version_conflict_engine_exception');
    documents.set(_id, { version, source });
    return { _id, _version: version, result: known ? 'updated' : 'created', status: known ? 200 : 201 };
  }

  function search(alias: string, body: string): Reply {
    if (!aliases.includes(alias)) return error(404, 'index_not_found_exception');
    const asked = Search.parse(JSON.parse(body));
    const found = evaluate(
      [...documents.values()].map(({ source }) => source),
      asked,
    );
    return { status: 200, body: { took: 1, timed_out: false, hits: { hits: found.map((_source) => ({ _source })) } } };
  }

  function createIndex(body: string): Reply {
    if (aliases.length > 0) return error(400, 'resource_already_exists_exception');
    aliases = Object.keys(Index.parse(JSON.parse(body)).aliases);
    return { status: 200, body: { acknowledged: true } };
  }

  function prune(body: string): Reply {
    const { query } = z.strictObject({ query: z.record(z.string(), z.unknown()) }).parse(JSON.parse(body));
    for (const [id, { source }] of documents) {
      const [hit] = evaluate([source], { query, size: 1, sort: [{ time: 'desc' }] });
      if (hit) documents.delete(id);
    }
    return { status: 200, body: { task: 'node:1' } };
  }

  function answer({ method = '', url = '', headers }: IncomingMessage, body: string): Reply {
    const { pathname, searchParams } = new URL(url, 'http://server');
    const [, name = '', operation = ''] = pathname.split('/');
    requests.push({ method, path: url, authorization: headers.authorization, items: body.split('\n').length >> 1 });
    const fault = faults.shift();
    if (fault) return fault;
    if (method === 'POST' && operation === '_bulk') return bulk(name, searchParams, headers['content-type'], body);
    if (headers['content-type'] !== 'application/json') return error(406, 'media_type_header_exception');
    if (method === 'POST' && operation === '_search') return search(name, body);
    if (method === 'POST' && operation === '_delete_by_query') return prune(body);
    if (method === 'PUT' && operation === '') return createIndex(body);
    return error(405, 'method_not_allowed');
  }

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      let reply: Reply;
      try {
        reply = answer(request, body);
      } catch (cause) {
        reply = error(400, cause instanceof Error ? cause.name : 'unknown');
      }
      response.writeHead(reply.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(reply.body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    ...{ documents, faults, itemFaults, requests },
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    deleteIndex() {
      aliases = [];
      documents.clear();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
