import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Reason } from '../../../packages/sagaline/contracts/primitives.ts';
import { isStorable, storable, storableText } from '../../../packages/sagaline/contracts/text.ts';

/** Any UTF-16 at all: halves of pairs, U+0000, whatever a JSON escape can say. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xd83d, 0xde00, 0xdc00, 0x41)))
  .map((units) => String.fromCharCode(...units));

const unstorable = ['a\u0000b', '\u0000', 'ha\ud83d', '\ude00lf', '\ude00\ud83d', '😀\ud83d'];
const wellFormed = ['', 'plain', 'Grüße', '한국어', '😀', 'e\u0301', '\uFFFD', '\u0001\u007f'];

describe('isStorable', () => {
  test.each(unstorable)('%j is not', (text) => expect(isStorable(text)).toBe(false));
  test.each(wellFormed)('%j is', (text) => expect(isStorable(text)).toBe(true));
});

describe('storableText', () => {
  test('leaves alone what is storable and fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(isStorable(text));
        expect(storableText(text, text.length)).toBe(text);
      }),
    );
  });

  test('is storable and within its bound, whatever it was', () => {
    fc.assert(
      fc.property(anyText, fc.nat({ max: 40 }), (text, max) => {
        const made = storableText(text, max);
        expect(isStorable(made)).toBe(true);
        expect(made.length).toBeLessThanOrEqual(max);
        expect(made.length).toBeGreaterThanOrEqual(Math.min(text.length, max) - 1);
      }),
    );
  });

  test('replaces each place that cannot be stored, and keeps the rest', () => {
    expect(storableText('a\u0000b\ud83dc😀', 20)).toBe('a\uFFFDb\uFFFDc😀');
  });

  test('cuts between code points', () => {
    expect(storableText('ab😀', 3)).toBe('ab');
    expect(storableText('ab😀', 4)).toBe('ab😀');
    expect(storableText('😀', 0)).toBe('');
  });
});

describe('a reason', () => {
  test.each(unstorable)('%j is refused', (text) => expect(Reason.safeParse(text).success).toBe(false));
  test('is refused in words that say what to leave out', () => {
    expect(Reason.safeParse('a\u0000b').error?.issues[0]?.message).toBe(
      'must not contain U+0000 or a surrogate without its other half',
    );
  });
  test('of any script is taken', () => expect(Reason.parse('취소 😀')).toBe('취소 😀'));
});

describe('storable', () => {
  test('is what it was, where all of it can be stored', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        fc.pre(isStorable(stringsOf(value).join('')));
        expect(storable(value)).toEqual(value);
      }),
    );
  });

  test('has no string that cannot be stored, keys included', () => {
    const values = fc.jsonValue({ stringUnit: 'binary' });
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.oneof(values, fc.array(anyText)), { noNullPrototype: true }), (value) => {
        expect(stringsOf(storable(value)).filter((text) => !isStorable(text))).toEqual([]);
      }),
    );
  });

  test('leaves alone what is no data', () => {
    const date = new Date(0);
    expect(storable({ date, none: undefined, nothing: null, yes: true })).toEqual({
      ...{ date, none: undefined, nothing: null, yes: true },
    });
  });
});

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [key, ...stringsOf(one)]);
}
