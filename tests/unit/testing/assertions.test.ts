import { AssertionError } from 'node:assert';
import { expect, test } from 'vitest';
import { assertEqual, assertHas, isEqual } from '../../../packages/sagaline/testing/assertions.ts';

test.for([
  [{ a: 1, b: undefined }, { a: 1 }],
  [
    [1, { a: [2] }],
    [1, { a: [2] }],
  ],
  [{ at: new Date(5) }, { at: new Date(5) }],
  [
    { id: 'x', deep: { n: 1 } },
    { id: expect.any(String) as string, deep: { n: expect.any(Number) as number } },
  ],
] as const)('%j is %j', ([actual, expected]) => {
  expect(isEqual(actual, expected)).toBe(true);
});

test.for([
  [{ a: 1 }, { a: 2 }],
  [{ a: 1, b: 2 }, { a: 1 }],
  [[], {}],
  [[1], [1, 2]],
  [null, {}],
  [new Date(5), new Date(6)],
  [new Date(5), {}],
  [{ id: 1 }, { id: expect.any(String) as string }],
] as const)('%j is not %j', ([actual, expected]) => {
  expect(isEqual(actual, expected)).toBe(false);
});

test('what differs is told with both values, of the fields that are expected alone', () => {
  expect(() => assertEqual([1], [2], 'the list')).toThrow(AssertionError);
  assertHas({ a: 1, b: 2 }, { a: 1 }, 'fields');
  try {
    assertHas({ a: 1, b: 2 }, { a: 3 }, 'fields');
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ message: 'fields', actual: { a: 1 }, expected: { a: 3 } });
  }
});
