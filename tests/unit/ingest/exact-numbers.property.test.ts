import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withExactNumbers } from '../../../packages/sagaline/events/exact-numbers.ts';
import { parseJson } from '../../../packages/sagaline/events/parse-json.ts';

const parsed = (json: string): unknown => parseJson(Buffer.from(json));

test.each([
  ['1125899906842624123', '1125899906842624123'],
  ['-12345678901234567890', '-12345678901234567890'],
  ['1e400', '1e400'],
  ['-1E+400', '-1E+400'],
  ['1e-400', '1e-400'],
  ['3.14159265358979323846', '3.14159265358979323846'],
  ['0.30000000000000004', 0.30000000000000004],
  ['9007199254740992', 9007199254740992],
  ['9007199254740993', '9007199254740993'],
  // Held, but written out again as 1152921504606847000.
  ['1152921504606846976', '1152921504606846976'],
  ['1.0000000000000000', 1],
  ['0.0000000000000000', 0],
  ['-0.0e5', -0],
  ['12e2', 1200],
  ['0.1e-6', 1e-7],
  ['5e-324', 5e-324],
])('the number %s is kept, as a number or as text', (number, kept) => {
  expect(parsed(`{"a":${number},"b":[${number}, ${number}]}`)).toEqual({ a: kept, b: [kept, kept] });
  expect(parsed(number)).toBe(kept);
});

test('texts that look like numbers are left alone, whatever is escaped in them', () => {
  const value = { '1e400': ':1e400', b: '\\" 12345678901234567890', c: '\\', d: ['"', '[1e999,'] };
  expect(parsed(JSON.stringify(value))).toEqual(value);
  expect(parsed(`{"a\\\\":1e400,"\\"":12345678901234567890}`)).toEqual({ 'a\\': '1e400', '"': '12345678901234567890' });
});

describe('for any JSON', () => {
  test('what JavaScript wrote is read as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const json = JSON.stringify(value);
        expect(JSON.parse(withExactNumbers(json))).toEqual(JSON.parse(json));
      }),
      { numRuns: 2_000 },
    );
  });

  test('a whole number of any size comes out with its digits', () => {
    fc.assert(
      fc.property(fc.bigInt(), (number) => {
        const { n } = JSON.parse(withExactNumbers(`{"n":${number}}`)) as { n: number | string };
        expect(BigInt(n)).toBe(number);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('a long text costs no more than its length', () => {
  const began = performance.now();
  withExactNumbers(`{"n":1e400,"text":"${'\\\\'.repeat(400_000)}","more":[${'1234567890123456789,'.repeat(9_000)}1]}`);
  expect(performance.now() - began).toBeLessThan(2_000);
});
