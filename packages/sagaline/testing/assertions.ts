/** What the kit asserts by, so that any test runner shows what was expected: Node's own AssertionError, with both values. */
import { AssertionError } from 'node:assert';

/** Vitest's and Jest's way to say "any string": `expect.any(String)`, at any depth. */
interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean;
}

/** @throws AssertionError unless both say the same; fields that are undefined count as absent */
export function assertEqual(actual: unknown, expected: unknown, message: string): void {
  if (!isEqual(actual, expected)) fail(message, actual, expected);
}

/** @throws AssertionError unless every field that is expected is there; others may be, too */
export function assertHas(actual: unknown, expected: object, message: string): void {
  const fields = fieldsOf(actual);
  const wrong = Object.entries(expected).some(([name, value]) => !isEqual(fields[name], value));
  if (!wrong) return;
  const told = Object.fromEntries(Object.keys(expected).map((name) => [name, fields[name]]));
  fail(message, told, expected);
}

/** @throws AssertionError always */
export function fail(message: string, actual?: unknown, expected?: unknown): never {
  throw new AssertionError({ message, actual, expected, operator: 'sagaline', stackStartFn: fail });
}

export function isEqual(actual: unknown, expected: unknown): boolean {
  if (isMatcher(expected)) return expected.asymmetricMatch(actual);
  if (Object.is(actual, expected)) return true;
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) return false;
  if (Array.isArray(actual) !== Array.isArray(expected)) return false;
  if (actual instanceof Date || expected instanceof Date) {
    return actual instanceof Date && expected instanceof Date && actual.getTime() === expected.getTime();
  }
  const [is, should] = [fieldsOf(actual), fieldsOf(expected)];
  return [...new Set([...Object.keys(is), ...Object.keys(should)])].every((name) => isEqual(is[name], should[name]));
}

function isMatcher(value: unknown): value is AsymmetricMatcher {
  return typeof (value as Partial<AsymmetricMatcher> | null | undefined)?.asymmetricMatch === 'function';
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
