/** What the API answers with, as schemas: the OpenAPI document is generated from these. Times are RFC 3339, in UTC. */
import { z } from '@hono/zod-openapi';
import { MAX_REASON } from '../../contracts/limits.ts';
import { Id } from '../../contracts/primitives.ts';
import { LETTER_STATES } from '../dead-letters/list.ts';
import { isStorable } from '../../contracts/text.ts';

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

/** What `sagaLink` makes. */
export const SagaLink = z.object({ id: z.string(), href: z.string() }).openapi('SagaLink');

export const Accepted = z
  .object({ eventId: z.string(), type: z.string(), key: z.string(), saga: SagaLink.optional() })
  .openapi('Accepted');

export const SAGA_STATES = ['running', 'completed', 'rollingBack', 'rejected', 'cancelled', 'failed'] as const;
/** What the row does not know of, and Temporal tells. */
export const TROUBLES = ['stuck', 'lost'] as const;
const SagaState = z.enum([...SAGA_STATES, ...TROUBLES]).openapi({
  description:
    'stuck: its workflow task keeps failing, and waits for a deploy. lost: its workflow ended from outside, without an outcome',
});

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
  activities: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      attempts: z.int(),
      local: z.boolean(),
      retrying: z
        .object({ failure: z.string(), nextAttemptAt: Time.optional() })
        .optional()
        .openapi({ description: 'How its last attempt ended, while it is being tried again, and when that will be' }),
    }),
  ),
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
  trouble: z
    .object({
      kind: z.enum(TROUBLES),
      reason: z
        .string()
        .openapi({ description: 'Why the task fails; or how the workflow ended: TERMINATED, DELETED, …' }),
      message: z.string().optional(),
      attempts: z.int().optional(),
      advice: z.string(),
      rowState: z.enum(SAGA_STATES).openapi({ description: 'What the saga was about to do' }),
    })
    .optional()
    .openapi({ description: 'Of a saga that does not go on by itself' }),
  deadLetters: z
    .array(
      z.object({
        ...{ id: z.string(), href: z.string(), reason: z.string(), path: z.string(), topic: z.string() },
        ...{ state: z.enum(LETTER_STATES), createdAt: Time },
      }),
    )
    .optional()
    .openapi({ description: 'The newest dead letters among its events' }),
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

/** A page of a list; `nextCursor` is absent on the last one. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });

const Decision = {
  state: z.enum(LETTER_STATES),
  decidedBy: z.string().optional(),
  decidedAt: Time.optional(),
  decisionReason: z.string().optional(),
};
export const LetterDecision = z.object({ id: z.string(), ...Decision }).openapi('LetterDecision');

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
    ...Decision,
  })
  .openapi('DeadLetterSummary');

const Bytes = z
  .object({ encoding: z.enum(['utf8', 'base64']), data: z.string(), bytes: z.int().optional() })
  .openapi('Bytes', {
    description:
      'base64 when the bytes are not UTF-8; `bytes` is how many there are, when only the first of them are shown',
  });

export const DeadLetterDetail = DeadLetterSummary.extend({
  redriveOf: z
    .object({ id: z.string(), href: z.string() })
    .optional()
    .openapi({ description: 'The letter that was redriven, and became this one' }),
  omitted: z
    .record(z.string(), z.unknown())
    .optional()
    .openapi({ description: 'By part, what was too large to be kept: size and SHA-256' }),
  headers: z.record(z.string(), z.unknown()),
  key: Bytes.optional(),
  value: Bytes.optional(),
}).openapi('DeadLetterDetail');

/** A name for the audit trail: an account or a role, restricted like all ids. */
const By = Id;
export const CancelBody = z.strictObject({ reason: Reason, by: By.optional() }).openapi('CancelRequest');
export const CancelAccepted = z
  .object({
    requestId: z.string(),
    saga: SagaLink,
    waiting: z
      .object({ state: z.literal('lost'), reason: z.string(), advice: z.string() })
      .optional()
      .openapi({ description: 'The saga is lost: the cancel is kept, and applied when its workflow is reset' }),
  })
  .openapi('CancelAccepted');

export const RetryBody = z.strictObject({ by: By }).openapi('RetryParked');
export const SkipBody = z.strictObject({ by: By, reason: Reason }).openapi('SkipParked');
export const DoneBody = z.strictObject({ by: By, evidence: Reason }).openapi('DoneParked');
export const RedriveBody = z.strictObject({ by: By }).openapi('RedriveDeadLetter');
export const DismissBody = z.strictObject({ by: By, reason: Reason }).openapi('DismissDeadLetter');
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
