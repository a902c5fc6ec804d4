/** A practice far end: something real for a participant to talk to, before there is the real one. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/** A practice far end that runs. */
export interface PracticeFarEnd {
  readonly url: string;
  /** Ends it; what it was told stays in its file, if it has one. */
  close(): Promise<void>;
}

/** Where it listens, and what it remembers by. */
export interface PracticeFarEndOptions {
  /** Any free one unless told. */
  readonly port?: number;
  /** Loopback unless told. */
  readonly host?: string;
  /** Where it keeps what it was told, so that it knows it after a restart, too; memory alone unless told. */
  readonly file?: string;
}

/** `gone` was taken back, also what never was: it cannot be made any more. */
type Resource = { readonly state: 'there'; readonly body: unknown } | { readonly state: 'gone' };
type Answer = readonly [status: number, body?: unknown];

/** Any text of a body that begins so is a reason to refuse it. */
const REFUSE = 'refuse';
const MAX_BYTES = 64 * 1024;

/**
 * Starts it.
 *
 * - `PUT /<collection>/<key>`: 201; again 200; with another body 409; with `"refuse: <reason>"` in it 422; taken back before 410
 * - `GET /<collection>/<key>`: 200 or 404. `GET /`: everything
 * - `DELETE /<collection>/<key>`: 204, also of what never was
 */
export async function startPracticeFarEnd({
  port = 0,
  host = '127.0.0.1',
  file,
}: PracticeFarEndOptions = {}): Promise<PracticeFarEnd> {
  const resources = new Map<string, Resource>(file === undefined ? [] : read(file));

  function answer(method: string, path: string, body: unknown): Answer {
    const resource = resources.get(path);
    if (method === 'GET' && path === '/')
      return [200, Object.fromEntries([...resources].map(([key, is]) => [decodeURIComponent(key), is]))];
    if (!/^\/[^/]+\/[^/]+$/.test(path)) return [404, { reason: 'paths are /<collection>/<key>' }];
    if (method === 'PUT') return put(path, resource, body);
    if (method === 'GET') return resource?.state === 'there' ? [200, resource.body] : [404, { reason: 'not there' }];
    if (method !== 'DELETE') return [405, { reason: 'PUT, GET or DELETE' }];
    keep(path, { state: 'gone' });
    return [204];
  }

  function put(path: string, resource: Resource | undefined, body: unknown): Answer {
    if (resource?.state === 'gone') return [410, { reason: 'was taken back' }];
    if (resource)
      return isDeepStrictEqual(resource.body, body) ? [200, body] : [409, { reason: 'is there, and differs' }];
    const reason = refusalIn(body);
    if (reason !== undefined) return [422, { reason }];
    keep(path, { state: 'there', body });
    return [201, body];
  }

  /** Kept before it is answered, as by anybody who means it. */
  function keep(path: string, resource: Resource): void {
    resources.set(path, resource);
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify([...resources], null, 1));
    renameSync(`${file}.new`, file);
  }

  const server = createServer((request, response) => {
    handle(request, response, answer).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (method: string, path: string, body: unknown) => Answer,
): Promise<void> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_BYTES) return void response.writeHead(413, { connection: 'close' }).end();
  }
  const [status, body] = answerTo(text, (sent) => answer(request.method ?? 'GET', request.url ?? '/', sent));
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : `${JSON.stringify(body, null, 1)}\n`);
}

function answerTo(text: string, answer: (body: unknown) => Answer): Answer {
  try {
    return answer(text === '' ? undefined : JSON.parse(text));
  } catch (error) {
    return [
      error instanceof SyntaxError ? 400 : 500,
      { reason: error instanceof Error ? error.message : String(error) },
    ];
  }
}

function refusalIn(body: unknown): string | undefined {
  const values: unknown[] = typeof body === 'object' && body !== null ? Object.values(body) : [body];
  const marked = values.find((value) => typeof value === 'string' && value.startsWith(REFUSE));
  return typeof marked === 'string' ? marked.slice(REFUSE.length).replace(/^:\s*/, '') || 'no reason given' : undefined;
}

function read(file: string): [string, Resource][] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as [string, Resource][];
  } catch {
    return [];
  }
}
