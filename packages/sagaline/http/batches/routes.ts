import { z, type OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { EventValue } from '../../contracts/event.ts';
import { createAcceptBatch, type BatchAnswer } from './accept-batch.ts';
import { MAX_LINES, MAX_LINE_BYTES, MAX_TOLD } from './read-batch.ts';
import type { AppEnv } from '../env.ts';
import type { Writing } from '../guards.ts';
import { refuseEncoded } from '../middleware/content-encoding.ts';
import type { HttpDeps } from '../ports.ts';
import { Problem } from '../problem.ts';
import { ProblemDetails } from '../openapi/schemas.ts';
import { IdempotencyKey } from '../openapi/params.ts';
import { json, problems } from '../openapi/responses.ts';

/** An event that comes by the thousand, and where. */
export interface EventBatches {
  /** Such as `/v1/activity`. */
  readonly path: string;
  /** One a line. No event that a saga or a participant emits, and none that is internal. */
  readonly event: EventValue;
}

const NDJSON_TYPE = /^application\/(x-)?ndjson *(; *charset *= *"?utf-8"? *)?$/i;

const counts = {
  accepted: z.int().openapi({ description: 'Kafka has them' }),
  refused: z.int(),
  errors: z.array(z.object({ line: z.int(), reason: z.string(), path: z.string(), message: z.string() })),
  untold: z.int().openapi({ description: `Refused lines beyond the first ${MAX_TOLD}, which are told one by one` }),
};
const BatchTaken = z.object(counts).openapi('BatchTaken');
const BatchRefused = ProblemDetails.omit({ errors: true }).extend(counts).openapi('BatchRefused');

/** Where the application takes events in batches: NDJSON, one event a line. */
export function batchRoutes(
  app: OpenAPIHono<AppEnv>,
  deps: HttpDeps,
  { idempotency, guards }: Writing,
  batches: readonly EventBatches[],
): void {
  const { options, observer, failpoint } = deps;
  const acceptBatch = createAcceptBatch({ ...deps, idempotency, budget: guards.budget });

  for (const { path, event } of batches) {
    document(app, path, event);
    app.post(path, ndjson(options.batchLimitBytes), async (c) => {
      const answer = await acceptBatch(c, event);
      if (answer.accepted === 0) throw nothingAccepted(answer);
      observer.eventAccepted(event.type, answer.accepted);
      failpoint('http.before-answer');
      return c.json(answer, answer.refused === 0 ? 202 : 207);
    });
  }
}

/** Refuses by the headers what need not be read. */
function ndjson(maxBytes: number): MiddlewareHandler<AppEnv> {
  return async function ndjson(c, next) {
    if (!NDJSON_TYPE.test(c.req.header('content-type')?.trim() ?? '')) {
      throw new Problem(
        'unsupported-media-type',
        'send Content-Type: application/x-ndjson, in UTF-8, one event a line',
        {
          headers: { Accept: 'application/x-ndjson' },
        },
      );
    }
    refuseEncoded(c);
    if (Number(c.req.header('content-length') ?? 0) > maxBytes) {
      throw new Problem('body-too-large', `a batch may have ${maxBytes} bytes: send smaller ones`, {
        headers: { Connection: 'close' },
      });
    }
    await next();
  };
}

function nothingAccepted({ accepted, refused, errors, untold }: BatchAnswer): Problem {
  const [first] = errors;
  const where = first && `line ${first.line}: ${first.path === '' ? '' : `${first.path}: `}${first.message}`;
  return new Problem('nothing-accepted', where ?? 'the batch has no line', {
    more: { accepted, refused, errors, untold },
  });
}

function document(app: OpenAPIHono<AppEnv>, path: string, { type, schema }: EventValue): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path,
    tags: ['batches'],
    summary: `Takes up to ${MAX_LINES} ${type} as NDJSON, each line up to ${MAX_LINE_BYTES} bytes, and puts them on Kafka`,
    request: {
      headers: IdempotencyKey,
      body: {
        description: 'One a line',
        content: { 'application/x-ndjson': { schema } },
        required: true,
      },
    },
    responses: {
      202: json('Kafka has all of them', BatchTaken),
      207: json('Kafka has the accepted ones; the others were refused, each with its line and its reason', BatchTaken),
      ...problems('idempotency-key-reused', 'body-too-large', 'unsupported-media-type', 'too-many-requests'),
      400: {
        description: 'nothing-accepted: no line is a valid event; malformed-request: the Idempotency-Key is none',
        content: { 'application/problem+json': { schema: BatchRefused } },
      },
    },
  });
}
