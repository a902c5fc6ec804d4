/**
 * What loggers write beside a line. Service, level and message are the line; an error line is worth more than its trace id. So
 * what does not fit here is no reason to refuse the line: it is kept as text where it can be, and left out where it cannot.
 */
import { z } from 'zod';
import { storableText, TraceId } from 'sagaline/workflow';

const MAX_NAME = 100;
const MAX_TEXT = 1_000;

/** A trace id of W3C; one of 64 bits (Zipkin, B3) is filled up, and what is none ("", "0", null) is left out. */
export const LogTraceId = z.preprocess(traceIdOf, TraceId.optional()).optional();

/** Texts, numbers and truth values by name. Null and names that are too long are left out, everything else becomes text. */
export const LogAttributes = z
  .preprocess(
    attributesOf,
    z.record(z.string().max(MAX_NAME), z.union([z.string().max(MAX_TEXT), z.number(), z.boolean()])).optional(),
  )
  .optional();

function traceIdOf(given: unknown): string | undefined {
  if (typeof given !== 'string' || !/^[0-9a-f]{16}([0-9a-f]{16})?$/i.test(given)) return undefined;
  const id = given.toLowerCase().padStart(32, '0');
  return /^0+$/.test(id) ? undefined : id;
}

function attributesOf(given: unknown): Record<string, unknown> | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const attributes = given as Record<string, unknown>;
  const names = Object.keys(attributes);
  if (names.every((name) => fits(name, attributes[name]))) return attributes;
  const kept = names.filter((name) => name.length <= MAX_NAME && attributes[name] != null);
  return Object.fromEntries(kept.map((name) => [name, textOf(attributes[name])]));
}

function fits(name: string, value: unknown): boolean {
  if (name.length > MAX_NAME) return false;
  if (typeof value === 'string') return value.length <= MAX_TEXT;
  return typeof value === 'boolean' || typeof value === 'number';
}

function textOf(value: unknown): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? storableText(value, MAX_TEXT) : value;
  return typeof value === 'object' ? storableText(JSON.stringify(value), MAX_TEXT) : value;
}
