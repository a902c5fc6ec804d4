/**
 * What came around the payload: nothing (plain JSON), CloudEvents headers (binary mode) or a CloudEvents object (structured, with
 * or without the content type that says so).
 */
import { z } from 'zod';
import { Instant } from '../ground/instant.ts';
import { refuseForeignFraming } from './foreign-formats.ts';
import { InvalidRecord } from './invalid-record.ts';
import { parseJson } from './parse-json.ts';
import { headerText, safeText, type AllowedHeaders } from './record-headers.ts';

export interface Envelope {
  readonly data: unknown;
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly id?: string | undefined;
  /** RFC 3339, UTC. */
  readonly time?: string | undefined;
  readonly schemaVersion?: string | undefined;
  readonly traceparent?: string | undefined;
}

const text = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^\P{Cc}+$/u, 'must not contain control characters')
  .regex(/^\P{Cs}+$/u);
const time = Instant.transform((value) => value.toISOString());

/** The context attributes of CloudEvents 1.0 that we use; extensions we do not know are ignored. */
const Attributes = z.object({
  specversion: z.literal('1.0'),
  type: text,
  source: text,
  id: text,
  time: time.optional(),
  datacontenttype: text.optional(),
  schemaversion: z.union([text, z.int().transform(String)]).optional(),
  traceparent: z.unknown().optional(),
});

const BINARY = ['specversion', 'type', 'source', 'id', 'time', 'datacontenttype', 'schemaversion'] as const;
const JSON_TYPE = /^[^;]*[/+]json *(;|$)/i;
const CLOUDEVENTS_TYPE = /^application\/cloudevents(-batch)?(?=[+; ]|$)/i;

/** @throws InvalidRecord where the bytes are no JSON, or the CloudEvents attributes do not fit */
export function openEnvelope(value: Buffer, headers: AllowedHeaders): Envelope {
  refuseForeignFraming(value);
  const contentType = headers.size === 0 ? undefined : headerText(headers, 'content-type');
  if (contentType !== undefined && CLOUDEVENTS_TYPE.test(contentType)) return openDeclared(value, contentType);
  const isBinary = ['ce_specversion', 'ce_type', 'ce_source', 'ce_id'].some((name) => headers.has(name));
  if (isBinary) return openBinary(value, headers, contentType);
  const data = parseJson(value);
  if (isCloudEvent(data)) return openStructured(data, headers);
  return {
    data,
    schemaVersion: headerText(headers, 'ce_schemaversion') ?? headerText(headers, 'schemaversion'),
    traceparent: traceHeader(headers, 'traceparent'),
  };
}

/**
 * Dapr, and the Python SDK's to_structured, send structured CloudEvents as application/json or without a content type. What has
 * every attribute that a CloudEvent must have, and data beside them, is one: no event of ours looks like that.
 */
function isCloudEvent(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const has = (name: string): boolean => Object.hasOwn(value, name);
  return ['specversion', 'id', 'source', 'type'].every(has) && (has('data') || has('data_base64'));
}

function openBinary(value: Buffer, headers: AllowedHeaders, contentType: string | undefined): Envelope {
  const given = BINARY.map((name) => [name, headerText(headers, `ce_${name}`)] as const);
  const attributes = parseAttributes(Object.fromEntries(given), 'ce_');
  refuseOtherThanJson(contentType ?? attributes.datacontenttype, 'content-type');
  return {
    ...identityOf(attributes),
    data: parseJson(value),
    schemaVersion: attributes.schemaversion ?? headerText(headers, 'schemaversion'),
    traceparent: traceHeader(headers, 'ce_traceparent') ?? traceHeader(headers, 'traceparent'),
  };
}

/** One whose content type says that it is a CloudEvent. */
function openDeclared(value: Buffer, contentType: string): Envelope {
  if (/^application\/cloudevents-batch/i.test(contentType)) {
    const message = 'a batch of CloudEvents is not accepted: send one event per record';
    throw new InvalidRecord('unsupported-content-type', 'content-type', message);
  }
  refuseOtherThanJson(contentType, 'content-type');
  return openStructured(parseJson(value), new Map());
}

function openStructured(envelope: unknown, headers: AllowedHeaders): Envelope {
  const given = withoutNulls(envelope);
  const attributes = parseAttributes(given, '');
  refuseOtherThanJson(attributes.datacontenttype, 'datacontenttype');
  const { traceparent } = attributes;
  return {
    ...identityOf(attributes),
    data: structuredData(given as Record<string, unknown>),
    schemaVersion: attributes.schemaversion ?? headerText(headers, 'schemaversion'),
    traceparent: typeof traceparent === 'string' ? traceparent : traceHeader(headers, 'traceparent'),
  };
}

/** An attribute that is null is one that is absent: CloudEvents 1.0.2, JSON event format, section 2.2. Data may be null. */
function withoutNulls(envelope: unknown): unknown {
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) return envelope;
  return Object.fromEntries(Object.entries(envelope).filter(([name, value]) => value !== null || name === 'data'));
}

function structuredData(envelope: Record<string, unknown>): unknown {
  if (envelope['data_base64'] === undefined) return envelope['data'];
  const encoded = z.base64().safeParse(envelope['data_base64']);
  if (!encoded.success) throw new InvalidRecord('invalid-cloudevent', 'data_base64', 'must be base64');
  const bytes = Buffer.from(encoded.data, 'base64');
  refuseForeignFraming(bytes);
  return parseJson(bytes, 'data_base64');
}

function parseAttributes(given: unknown, prefix: string): z.infer<typeof Attributes> {
  const parsed = Attributes.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({ path: `${prefix}${path.join('.')}`, message }));
  const [first = { path: '', message: 'is invalid' }] = problems;
  throw new InvalidRecord('invalid-cloudevent', first.path, first.message, problems);
}

function identityOf({ type, source, id, time }: z.infer<typeof Attributes>) {
  return { type, source, id, time };
}

function refuseOtherThanJson(contentType: string | undefined, path: string): void {
  if (contentType === undefined || JSON_TYPE.test(contentType)) return;
  throw new InvalidRecord('unsupported-content-type', path, 'only JSON is accepted');
}

/** A broken or repeated trace header is dropped, never a reason to refuse the event. */
function traceHeader(headers: AllowedHeaders, name: string): string | undefined {
  const values = headers.get(name);
  return values?.length === 1 && values[0] ? safeText(values[0]) : undefined;
}
