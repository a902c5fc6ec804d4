/** The HTTP app without servers: what it refuses, it must refuse before it asks any of them. */
import { pino } from 'pino';
import { createFailpoint } from '../../../../packages/sagaline/ground/failpoints.ts';
import { createHttpApp, type ApiDeps } from '../../../../packages/sagaline/http/app.ts';
import type { HttpOptions } from '../../../../packages/sagaline/http/ports.ts';
import type { ProducedRecord } from '../../../../packages/sagaline/kafka/port.ts';
import { createDatabase } from '../../../../packages/sagaline/prisma/database.ts';
import { catalogue, own, routes } from '../../../support/reference.ts';

/** Discard: nobody listens there. */
const NO_DATABASE = 'postgresql://nobody@127.0.0.1:9/none';

type Overrides = Partial<Omit<ApiDeps, 'options'>> & { options?: Partial<HttpOptions> };

export function createTestApp({ options, ...overrides }: Overrides = {}) {
  const produced: ProducedRecord[] = [];
  const lines: string[] = [];
  const app = createHttpApp({
    database: createDatabase({ url: NO_DATABASE, poolSize: 2, acquireTimeoutMs: 1_000 }),
    producer: { send: (records) => Promise.resolve(void produced.push(...records)) },
    routes,
    own: own(),
    catalogue,
    workflows: {
      inspect: () => Promise.resolve({ known: 'unreachable' }),
      cancel: () => Promise.resolve(false),
      resolveParked: () => Promise.reject(new Error('not asked here')),
    },
    readiness: {},
    observer: { requestEnded: () => undefined, eventAccepted: () => undefined },
    metrics: { contentType: 'text/plain', render: () => Promise.resolve('') },
    logger: pino({}, { write: (line: string) => void lines.push(line) }),
    failpoint: createFailpoint([]),
    ...overrides,
    options: {
      apiKeys: [],
      bodyLimitBytes: 64 * 1024,
      batchLimitBytes: 1024 * 1024,
      maxInFlight: 100,
      maxLiveReaders: 10,
      maxReads: 5,
      produceTimeoutMs: 1_000,
      temporalUi: { url: 'http://127.0.0.1:8233', namespace: 'default' },
      ...options,
    },
  });

  return {
    app,
    produced,
    lines,
    post: (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      app.request(path, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } }),
  };
}

export interface ProblemBody {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: { field: string; reason: string }[];
}

/** The problem that an answer carries, checked for its form. */
export async function problemOf(response: Response): Promise<ProblemBody> {
  if (response.headers.get('content-type') !== 'application/problem+json') {
    throw new Error(`no problem, but ${response.status} ${await response.text()}`);
  }
  const body = (await response.json()) as ProblemBody;
  if (body.status !== response.status)
    throw new Error(`status ${response.status}, but the problem says ${body.status}`);
  return body;
}
