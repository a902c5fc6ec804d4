import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { msOf } from '../../../packages/sagaline/kernel/duration.ts';

const MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const WORDS = { second: MS.s, minute: MS.m, hour: MS.h, day: MS.d };

describe('msOf', () => {
  test.each([
    ['24 hours', 86_400_000],
    ['1 hour', 3_600_000],
    ['90s', 90_000],
    ['1.5 minutes', 90_000],
    ['300 ms', 300],
    ['3 days', 259_200_000],
    ['0 ms', 0],
    [1500, 1500],
    [0, 0],
  ])('%s is %d ms', (duration, ms) => {
    expect(msOf(duration)).toBe(ms);
  });

  test('milliseconds are what they are', () => {
    fc.assert(
      fc.property(fc.nat(), (ms) => {
        expect(msOf(ms)).toBe(ms);
      }),
    );
  });

  test('an amount and a unit multiply, with a space and without', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.constantFrom(...Object.entries(MS)),
        fc.constantFrom('', ' '),
        (n, [unit, ms], gap) => {
          expect(msOf(`${n}${gap}${unit}`)).toBe(n * ms);
        },
      ),
    );
  });

  test('words may be singular or plural', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.constantFrom(...Object.entries(WORDS)),
        fc.constantFrom('', 's'),
        (n, [word, ms], s) => {
          expect(msOf(`${n} ${word}${s}`)).toBe(n * ms);
        },
      ),
    );
  });

  test('anything else is refused, and named', () => {
    const valid = /^\d+(\.\d+)? ?(ms|s|m|h|d|seconds?|minutes?|hours?|days?)$/;
    fc.assert(
      fc.property(
        fc.string().filter((text) => !valid.test(text)),
        (text) => {
          expect(() => msOf(text)).toThrow(new RangeError(`${text} is no duration: ${HINT}`));
        },
      ),
    );
  });

  test.each([
    '',
    '10',
    '10 fortnights',
    '-1 s',
    '1e3 s',
    'Infinity days',
    '1 h 30 m',
    ' 1 h',
    '1 h\n',
    -1,
    NaN,
    Infinity,
  ])('%j is refused', (duration) => {
    expect(() => msOf(duration)).toThrow(RangeError);
  });
});

const HINT = "write milliseconds, or for example '90s' or '24 hours'";
