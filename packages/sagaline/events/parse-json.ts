import { withExactNumbers } from './exact-numbers.ts';
import { InvalidRecord } from './invalid-record.ts';
import { decodeUtf8 } from './utf8.ts';

/** No event of ours nests deeper than four; more is an attack on whoever walks the value. */
const MAX_DEPTH = 32;

/** Values in one text: objects, arrays, and what is in them. An order of 500 items has 2,000; walking a million costs a second. */
const MAX_VALUES = 20_000;

/** Keys that, copied carelessly, would reach an object's prototype. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Parses JSON as strictly as it can be: UTF-8 without exception, bounded in depth and in values, no key that reaches for a
 * prototype. A number that JavaScript cannot hold becomes its text.
 *
 * @param path what the text is called in errors: empty for a record's value
 * @throws InvalidRecord invalid-utf8, invalid-json, too-deep, too-large, forbidden-key
 */
export function parseJson(bytes: Uint8Array, path = ''): unknown {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new InvalidRecord('invalid-utf8', path, 'is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(withExactNumbers(text));
  } catch {
    // V8's message quotes the text around the error, which may be personal data: it goes nowhere, not even as the cause.
    throw new InvalidRecord('invalid-json', path, 'is not valid JSON');
  }
  refuseHostile(value, path);
  return value;
}

/** Level by level rather than by recursion, so that depth costs no stack. JSON.parse itself does not recurse either. */
function refuseHostile(value: unknown, path: string): void {
  let level: object[] = isObject(value) ? [value] : [];
  let values = 0;
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new InvalidRecord('too-deep', path, `nests deeper than ${MAX_DEPTH} levels`);
    const below: object[] = [];
    for (const node of level) {
      values += Array.isArray(node) ? lookThrough(node, below) : lookInto(node as Record<string, unknown>, path, below);
      if (values > MAX_VALUES) throw new InvalidRecord('too-large', path, `has more than ${MAX_VALUES} values`);
    }
    level = below;
  }
}

/** Returns how many values a node has, and adds those that have some themselves to `below`. */
function lookThrough(node: readonly unknown[], below: object[]): number {
  for (const inner of node) if (isObject(inner)) below.push(inner);
  return node.length;
}

function lookInto(node: Record<string, unknown>, path: string, below: object[]): number {
  const keys = Object.keys(node);
  for (const key of keys) {
    if (FORBIDDEN_KEYS.has(key)) throw new InvalidRecord('forbidden-key', path, `has a key that is refused: ${key}`);
    const inner = node[key];
    if (isObject(inner)) below.push(inner);
  }
  return keys.length;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
