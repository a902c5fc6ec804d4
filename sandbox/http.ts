/** What both HTTP sandboxes share: bodies and keys checked with clear answers, replies that get lost, a bounded stop. */
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Server, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

export type SandboxApp = Hono<{ Bindings: HttpBindings }>;

/** Thrown by handlers: answered as `{ error: { code, message, ...details } }`. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(status: ContentfulStatusCode, code: string, message: string, details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** An application with GET /healthz that answers every error in JSON. */
export function createSandboxApp(): SandboxApp {
  const app: SandboxApp = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.notFound((c) => c.json({ error: { code: 'not_found', message: `no such resource: ${c.req.path}` } }, 404));
  app.onError((error, c) => {
    if (error instanceof SandboxError) {
      return c.json({ error: { code: error.code, message: error.message, ...error.details } }, error.status);
    }
    if (error instanceof HTTPException) return error.getResponse();
    process.stderr.write(`${error.stack ?? error.message}\n`);
    return c.json({ error: { code: 'internal_error', message: 'the sandbox failed; see its log' } }, 500);
  });
  return app;
}

/** Parses a JSON body. @throws SandboxError 400 that names field and reason */
export async function readBody<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = await request.json().catch(() => {
    throw new SandboxError(400, 'invalid_json', 'the body is not JSON');
  });
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  throw new SandboxError(400, 'invalid_request', 'the body does not fit', { issues });
}

const IdempotencyKey = z.string().min(1).max(255);

/** The Idempotency-Key header. @throws SandboxError 400 when it is missing or too long */
export function readIdempotencyKey(request: Request): string {
  const parsed = IdempotencyKey.safeParse(request.headers.get('idempotency-key'));
  if (parsed.success) return parsed.data;
  throw new SandboxError(400, 'idempotency_key_required', 'send an Idempotency-Key header of 1 to 255 characters');
}

/** Tells whether a key came back with the same request. */
export function hashOf(request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}

export function keyReused(): SandboxError {
  return new SandboxError(422, 'idempotency_key_reused', 'this Idempotency-Key was used with another request');
}

/** How an answer reaches the client: it does, it never comes, or the connection is reset. */
export type Delivery = 'reply' | 'hang' | 'reset';

/** Resolves for a reply only: a lost one leaves the handler waiting until the connection is gone. */
export async function deliver(delivery: Delivery, incoming: IncomingMessage): Promise<void> {
  if (delivery === 'reply') return;
  if (delivery === 'reset') incoming.socket.resetAndDestroy();
  await new Promise<never>(() => undefined);
}

export interface Listening {
  readonly port: number;
  /** Stops accepting, lets open requests end for a moment, then cuts what hangs. */
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 1_000;

/** @param port 0 takes a free one */
export async function listen(app: SandboxApp, host: string, port: number): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch });
  if (!(server instanceof Server)) throw new TypeError('expected an HTTP/1.1 server');
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}
