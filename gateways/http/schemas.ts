/** What the API answers with, as schemas: the OpenAPI document is generated from these. Times are RFC 3339, in UTC. */
import { z } from '@hono/zod-openapi';
import { MAX_REASON } from '../../workflows/contracts/limits.ts';
import { Id } from '../../workflows/contracts/primitives.ts';
import { isStorable } from '../../workflows/contracts/text.ts';

const Time = z.iso.datetime();

/**
 * The contracts' Reason, said in the document, too. Patterns of JSON Schema have no flags: some readers go by code points, to
 * whom a surrogate always stands alone, others by UTF-16 units, to whom the second alternative lets pairs through.
 */
const Reason = z
  .string()
  .min(1)
  .max(MAX_REASON)
  .refine(isStorable, 'must not contain U+0000 or a surrogate without its other half')
  .openapi({
    pattern: String.raw`^([^\u0000\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$`,
    description: 'Text without U+0000 and without a surrogate that lacks its other half',
  });

export const ProblemDetails = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), reason: z.string() })).optional(),
  })
  .openapi('ProblemDetails', { description: 'RFC 9457: which field, and for what reason' });

export const SagaLink = z.object({ id: z.string(), href: z.string() }).openapi('SagaLink');

export const Accepted = z
  .object({ eventId: z.string(), type: z.string(), key: z.string(), saga: SagaLink.optional() })
  .openapi('Accepted');

export const SAGA_STATES = ['running', 'completed', 'rollingBack', 'rejected', 'cancelled', 'failed'] as const;
const SagaState = z.enum(SAGA_STATES);

const Cause = z.object({
  kind: z.enum(['failure', 'deadline', 'rejected', 'cancel']),
  reason: z.string(),
  step: z.string().optional(),
  eventId: z.string().optional(),
});

export const SagaSummary = z
  .object({
    id: z.string().openapi({ example: 'orderSaga:o-1' }),
    name: z.string(),
    sagaId: z.string(),
    href: z.string(),
    state: SagaState,
    parked: z.array(z.string()).openapi({ description: 'Names of the steps that wait for an operator' }),
    cause: Cause.optional(),
    createdAt: Time,
    updatedAt: Time,
    closedAt: Time.optional(),
  })
  .openapi('SagaSummary');

const Attempts = {
  attempts: z.int().openapi({ description: 'How often it was tried; 0 when Temporal could not be asked' }),
  activities: z.array(z.object({ id: z.string(), type: z.string(), attempts: z.int(), local: z.boolean() })),
};

const Compensation = z.object({
  state: z.enum(['open', 'done', 'parked', 'skipped']),
  startedAt: Time,
  endedAt: Time.optional(),
  failure: z.string().optional(),
  note: z.string().optional(),
  ...Attempts,
});

const Step = z.object({
  name: z.string(),
  kind: z.enum(['compensatable', 'pivot', 'retriable', 'optional']),
  state: z.enum(['open', 'done', 'failed', 'parked', 'skipped']),
  startedAt: Time,
  endedAt: Time.optional(),
  failure: z.string().optional().openapi({ description: 'Type of the failure' }),
  note: z.string().optional(),
  ...Attempts,
  compensation: Compensation.optional(),
});

export const SagaDetail = SagaSummary.extend({
  source: z.object({
    topic: z.string(),
    partition: z.int(),
    offset: z.string(),
    eventId: z.string(),
    traceparent: z.string().optional(),
  }),
  steps: z.array(Step),
  stepsFrom: z
    .enum(['workflow', 'stored', 'nowhere'])
    .openapi({ description: 'nowhere: it runs, and no worker answered in time' }),
  emitted: z.array(
    z.object({
      eventId: z.string(),
      type: z.string(),
      topic: z.string(),
      key: z.string(),
      publishedAt: Time.optional(),
    }),
  ),
  temporal: z.object({
    known: z.enum(['yes', 'forgotten', 'unreachable']),
    runId: z.string().optional(),
    status: z.string().optional(),
    url: z.string(),
  }),
}).openapi('SagaDetail');

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });

export const DeadLetterSummary = z
  .object({
    id: z.string(),
    href: z.string(),
    reason: z.string(),
    path: z.string().openapi({ description: 'Where in the record: a JSON path, a header name, or empty' }),
    message: z.string(),
    topic: z.string(),
    partition: z.int(),
    offset: z.string(),
    recordTime: Time,
    createdAt: Time,
  })
  .openapi('DeadLetterSummary');

const Bytes = z
  .object({ encoding: z.enum(['utf8', 'base64']), data: z.string() })
  .openapi('Bytes', { description: 'base64 when the bytes are not UTF-8' });

export const DeadLetterDetail = DeadLetterSummary.extend({
  headers: z.record(z.string(), z.unknown()),
  key: Bytes.optional(),
  value: Bytes.optional(),
}).openapi('DeadLetterDetail');

/** A name for the audit trail: an account or a role, restricted like all ids. */
const By = Id;
export const CancelBody = z.strictObject({ reason: Reason, by: By.optional() }).openapi('CancelRequest');
export const CancelAccepted = z.object({ requestId: z.string(), saga: SagaLink }).openapi('CancelAccepted');

export const RetryBody = z.strictObject({ by: By }).openapi('RetryParked');
export const SkipBody = z.strictObject({ by: By, reason: Reason }).openapi('SkipParked');
export const DoneBody = z.strictObject({ by: By, evidence: Reason }).openapi('DoneParked');
export const ResolvedAnswer = z
  .object({ step: z.string(), action: z.enum(['retry', 'skip', 'done']), by: z.string() })
  .openapi('Resolved');

export const ReadinessAnswer = z
  .object({
    ready: z.boolean(),
    parts: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })),
  })
  .openapi('Readiness');

/** `orderSaga:o-1`; anything else is no saga's id, and is answered 404 without asking anybody. */
export const SAGA_PATH_ID = /^[A-Za-z][A-Za-z0-9_]{0,99}:[A-Za-z0-9][A-Za-z0-9._~@-]{0,127}$/;
