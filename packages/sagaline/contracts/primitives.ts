import { z } from 'zod';
import { FIRST_INSTANT_MS, LAST_INSTANT_MS, MAX_REASON } from './limits.ts';
import { isStorable } from './text.ts';

/**
 * An identifier as it may appear in a Kafka key, a workflow id, a URL and a log line: at most 128 characters of a set that
 * needs no escaping in any of them. The colon is left out: it separates saga name and saga id in a workflow id.
 */
export const Id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._~@-]{0,127}$/,
    'must be 1 to 128 letters, digits or . _ ~ @ - and begin with a letter or digit',
  );

/** What an event of a participant is about, for whoever reads events of several sagas: an order, a user, or what a saga of yours is about. */
export const Subject = z.object({
  kind: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be 1 to 40 lower-case letters, digits or -, such as order'),
  id: Id,
});

/** An amount of money in minor currency units (cents, won): a positive safe integer, never a float. */
export const Amount = z.int().positive();

/** ISO 4217 alphabetic code. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR');

/** RFC 3339 time stamp of an instant that there is, whatever the zone makes of it. */
export const Timestamp = z.iso.datetime({ offset: true, abort: true }).refine((text) => {
  const ms = Date.parse(text);
  return ms >= FIRST_INSTANT_MS && ms <= LAST_INSTANT_MS;
}, 'must lie in the years 1 to 9999 (UTC)');

/** Trace id of W3C Trace Context: 16 bytes in lower-case hexadecimal, not all zero. */
export const TraceId = z.string().regex(/^(?!0{32})[0-9a-f]{32}$/, 'must be a W3C trace id of 32 hexadecimal digits');

/** How to reach a person. Personal data: never in ids, log lines, error messages or dead-letter headers. */
export const Contact = z.object({
  email: z.email().max(254),
  phone: z
    .string()
    .regex(/^\+[1-9][0-9]{6,14}$/, 'must be an E.164 number such as +4915112345678')
    .optional(),
});

/** Free text that travels into outcomes and search attributes. */
export const Reason = z
  .string()
  .min(1)
  .max(MAX_REASON)
  .refine(isStorable, 'must not contain U+0000 or a surrogate without its other half');

/** A compensation that an operator gave up, and why. */
export const SkippedStep = z.object({ step: z.string(), reason: Reason });

/**
 * What every outcome of a rolled-back saga tells, beside its own identity fields. The kernel fills these in.
 * `compensated` is in the order in which the undoing happened.
 */
export const RolledBack = z.object({
  reason: Reason,
  step: z.string().optional(),
  compensated: z.array(z.string()),
  skipped: z.array(SkippedStep),
});

/** What every answer to a refused cancel tells, beside its identity fields: the state the saga was in. */
export const CancelRefused = z.object({ reason: Reason, state: z.string() });
