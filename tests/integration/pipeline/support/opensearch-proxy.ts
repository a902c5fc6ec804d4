/** A proxy in front of a real OpenSearch: what it is not told to answer itself, it passes on. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

interface Action {
  readonly index: { readonly _id: string };
}

interface BulkAnswer {
  readonly items: readonly object[];
}

export type OpenSearchProxy = Awaited<ReturnType<typeof startOpenSearchProxy>>;

export async function startOpenSearchProxy(target: string) {
  /** Answers to give before any other: to whole requests, and for single documents by their ids. */
  const faults: Reply[] = [];
  /** Requests whose connection breaks: before the server gets them, or when it has done what they say. */
  const hangUps: ('before' | 'after')[] = [];
  const itemFaults = new Map<string, number[]>();
  const requests: { method: string; path: string; authorization: string | undefined; items: number }[] = [];

  async function pass({ method = 'GET', url = '', headers }: IncomingMessage, body: string): Promise<Reply> {
    const response = await fetch(`${target}${url}`, {
      method,
      ...(body !== '' && { body, headers: { 'Content-Type': headers['content-type'] ?? '' } }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** Keeps back the documents with a fault, and tells of it in their places among the answers to the others. */
  async function bulk(request: IncomingMessage, body: string): Promise<Reply> {
    const lines = body.trimEnd().split('\n');
    const documents = Array.from({ length: lines.length / 2 }, (_, at) => ({
      fault: itemFaults.get((JSON.parse(lines[2 * at] ?? '') as Action).index._id)?.shift(),
      lines: `${lines[2 * at] ?? ''}\n${lines[2 * at + 1] ?? ''}\n`,
    }));
    const passed = documents.filter(({ fault }) => fault === undefined);
    const reply = passed.length > 0 ? await pass(request, passed.map((one) => one.lines).join('')) : undefined;
    const answers = [...((reply?.body as BulkAnswer | undefined)?.items ?? [])];
    const items = documents.map(({ fault: status }) =>
      status === undefined ? answers.shift() : { index: { status, error: { type: 'rejected_execution_exception' } } },
    );
    return { status: reply?.status ?? 200, body: { took: 1, errors: true, items } };
  }

  async function answer(request: IncomingMessage, body: string): Promise<Reply> {
    const { method = '', url: path = '', headers } = request;
    requests.push({ method, path, authorization: headers.authorization, items: body.split('\n').length >> 1 });
    const fault = faults.shift();
    if (fault) return fault;
    const hangUp = hangUps.shift();
    if (hangUp === 'after') await pass(request, body);
    if (hangUp) throw new Error('hangs up');
    const isBulk = path.includes('/_bulk') && itemFaults.size > 0;
    return isBulk ? await bulk(request, body) : await pass(request, body);
  }

  const server = createServer((request, response) => {
    void text(request)
      .then((body) => answer(request, body))
      .then(({ status, body }) => {
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
      })
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    ...{ faults, itemFaults, hangUps, requests },
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** As if nothing had been said or asked. */
    forget(): void {
      faults.length = 0;
      requests.length = 0;
      hangUps.length = 0;
      itemFaults.clear();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
