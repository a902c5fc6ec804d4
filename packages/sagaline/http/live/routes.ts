import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import { listed } from '../../ground/in-words.ts';
import { parseCursor, textOfCursor, type Cursor } from '../../live/change.ts';
import type { LiveFeed } from '../../live/live-feed.ts';
import type { AppEnv } from '../env.ts';
import { createGate } from '../gate.ts';
import type { HttpDeps } from '../ports.ts';
import { Problem, unavailable } from '../problem.ts';
import { problems } from '../openapi/responses.ts';

/** Silence that proxies and browsers bear. */
const HEARTBEAT_MS = 15_000;
/** What a browser waits before it connects again. */
const RETRY_MS = 2_000;

/** What the triggers of the table of sagas tell. */
const SAGA = 'saga';

/** @param told kinds of changes that projections tell */
function liveRoute(told: readonly string[]) {
  const all = [SAGA, ...told];
  const kinds = z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(all)).min(1));
  const events = listed(all.map((kind) => `\`${kind}\``));
  return createRoute({
    method: 'get',
    path: '/v1/live',
    tags: ['live'],
    summary: `Changes of ${listed(['sagas', ...told])} as they happen (server-sent events)`,
    description:
      `Events ${events}; \`gap\` says that changes before it are not kept any more: read the lists again. ` +
      'Resumes after `Last-Event-ID`, up to 15 minutes back.',
    request: {
      query: z.object({ kinds: kinds.optional().openapi({ type: 'string', example: all.join(',') }) }),
      headers: z.object({ 'last-event-id': z.string().optional() }),
    },
    responses: {
      200: { description: 'Events', content: { 'text/event-stream': { schema: z.string() } } },
      ...problems('malformed-request', 'too-many-requests'),
    },
  });
}

type Deps = Pick<HttpDeps, 'live' | 'options' | 'logger'>;

/** GET /v1/live: bounded in readers, and each reader in memory. */
export function liveRoutes(
  app: OpenAPIHono<AppEnv>,
  { live: feed, options, logger }: Deps,
  told: readonly string[],
): void {
  const max = options.maxLiveReaders;
  const gate = createGate({ max, full: `${max} live readers are served already`, retryAfterSeconds: 5 });

  app.openapi(liveRoute(told), async (c) => {
    if (!feed) throw unavailable('live changes are not served here');
    const { kinds: wanted } = c.req.valid('query');
    const from = cursorOf(c.req.valid('header')['last-event-id']);
    // Hono answers HEAD by GET's handler and drops the body: a stream that nobody reads would hold its place for ever.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' });
    const leave = gate.enter();
    try {
      const start = from ?? (await feed.now());
      const gap = from !== undefined && (await feed.hasGap(from));
      return streamSSE(c, (stream) =>
        serve(stream, () => push(stream, feed, start, gap, new Set(wanted ?? [SAGA, ...told])), leave),
      );
    } catch (error) {
      leave();
      throw error;
    }
  });

  /** Nothing is thrown to hono, which would print it, and tell the reader its message. */
  async function serve(stream: SSEStreamingApi, pushing: () => Promise<void>, leave: () => void): Promise<void> {
    try {
      await pushing();
    } catch (error) {
      logger.warn({ err: error }, 'a live reader was cut off');
    } finally {
      leave();
      await stream.close();
    }
  }
}

/** @throws Problem malformed-request */
function cursorOf(lastEventId: string | undefined): Cursor | undefined {
  if (!lastEventId) return undefined;
  const cursor = parseCursor(lastEventId);
  if (!cursor) throw new Problem('malformed-request', 'Last-Event-ID: is no id that this server sent');
  return cursor;
}

/** Writes wait for the reader, so nothing piles up here: a slow one simply asks for its next page later. */
async function push(
  stream: SSEStreamingApi,
  feed: LiveFeed,
  start: Cursor,
  gap: boolean,
  wanted: ReadonlySet<string>,
): Promise<void> {
  const gone = new AbortController();
  stream.onAbort(() => gone.abort());
  const heartbeat = setInterval(() => void stream.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    // An id before anything happened, so that a reader who is cut off early resumes from here.
    await stream.writeSSE({ event: gap ? 'gap' : 'ready', data: '{}', id: textOfCursor(start), retry: RETRY_MS });
    for (let cursor = start; ;) {
      const page = await feed.next(cursor, gone.signal);
      if (page.length === 0) return;
      for (const change of page) {
        cursor = change.cursor;
        if (!wanted.has(change.kind)) continue;
        await stream.writeSSE({ event: change.kind, data: change.data, id: textOfCursor(cursor) });
        if (stream.aborted) return;
      }
    }
  } finally {
    clearInterval(heartbeat);
  }
}
