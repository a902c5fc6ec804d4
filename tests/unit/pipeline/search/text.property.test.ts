import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHighlighter } from '../../../../packages/sagaline/pipeline/search/text/highlight.ts';
import { parseQuery } from '../../../../packages/sagaline/pipeline/search/text/query.ts';
import { normalise } from '../../../../packages/sagaline/pipeline/search/text/segments.ts';
import { MAX_TOKENS, tokensOf } from '../../../../packages/sagaline/pipeline/search/text/tokens.ts';
import { finds } from './finds.ts';
import { highlightModel } from './highlight-model.ts';

const letters = (from: number, to: number, minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: from, max: to }), { minLength, maxLength }).map((codes) => String.fromCodePoint(...codes));
const hangul = letters(0xac00, 0xd7a3, 1, 8);
const latin = letters(0x61, 0x7a, 1, 10);
const words = fc.array(fc.oneof(hangul, latin, fc.stringMatching(/^[a-z]{1,4}-[0-9]{1,4}$/)), {
  minLength: 1,
  maxLength: 8,
});
const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 }));

test('every word of a text finds it, however it is composed and written', () => {
  fc.assert(
    fc.property(words, fc.nat(), fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'), (list, pick, form) => {
      const word = list[pick % list.length] ?? '';
      expect(finds(list.join(' ').normalize(form), word.toUpperCase())).toBe(true);
    }),
  );
});

test('every piece of a Korean word finds it', () => {
  fc.assert(
    fc.property(hangul, fc.nat(), fc.nat(), (word, a, b) => {
      const start = a % word.length;
      const piece = word.slice(start, start + 1 + (b % (word.length - start)));
      expect(finds(`앞 ${word} 뒤`, piece)).toBe(true);
    }),
  );
});

test('the beginning of a Latin word finds it from three letters on', () => {
  fc.assert(
    fc.property(letters(0x61, 0x7a, 3, 12), fc.nat(), (word, cut) => {
      expect(finds(`a ${word} z`, word.slice(0, 3 + (cut % (word.length - 2))))).toBe(true);
    }),
  );
});

test('whatever the text, its tokens can be stored, and a query can be made', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const tokens = tokensOf([text, 'x'.repeat(5_000)], [text]);
      expect(tokens.length).toBeLessThanOrEqual(MAX_TOKENS);
      for (const token of tokens) {
        expect(token).toMatch(/^[^\s\0]+$/);
        expect(Buffer.byteLength(token)).toBeLessThan(1_000);
      }
      const query = parseQuery(text);
      if (query) expect(finds(text, text)).toBe(true);
      expect(query === undefined).toBe(!/[\p{L}\p{N}]/u.test(normalise(text)));
      if (!query) expect(normalise(text)).not.toMatch(/[\p{L}\p{N}]/u);
    }),
  );
});

test('what is shown is the text itself, in pieces', () => {
  fc.assert(
    fc.property(anything, anything, (text, typed) => {
      const query = parseQuery(typed);
      if (!query) return;
      const shown = createHighlighter(query)(text)
        .map((fragment) => fragment.text)
        .join('');
      expect(text).toContain(shown.replace(/^…/, '').replace(/…$/, ''));
      if (text.length <= 200) expect(shown).toBe(text);
    }),
  );
});

/** Words that overlap, repeat and contain each other, in texts short and long. */
const few = fc.constantFrom(
  '가',
  '나',
  '가나',
  '나가나',
  '책',
  '책을',
  'ab',
  'abc',
  'abcd',
  'ab-cd',
  'cds',
  '３',
  '\u200b',
  'é',
  '𠀀',
  '.',
  ' ',
);
const written = fc.array(few, { maxLength: 150 }).map((parts) => parts.join(''));
const typedWords = fc.array(few, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

test('the same is marked as by a model that compares every term with every word', () => {
  fc.assert(
    fc.property(fc.oneof(written, anything), fc.oneof(typedWords, anything), (text, typed) => {
      const query = parseQuery(typed);
      if (query) expect(createHighlighter(query)(text)).toEqual(highlightModel(text, query));
    }),
    { numRuns: 1_000 },
  );
});

const unseen = fc.constantFrom(
  '\u00ad',
  '\u200b',
  '\u200d',
  '\u2060',
  '\ufe0f',
  '\ufeff',
  '\u034f',
  '\u180e',
  '\u{e0100}',
  '\u001b[31m',
  '\u001b[0m',
);

test('what nobody sees within a word hides it from nobody', () => {
  fc.assert(
    fc.property(words, fc.nat(), fc.array(fc.tuple(fc.nat(), unseen), { maxLength: 5 }), (list, pick, put) => {
      const word = list[pick % list.length] ?? '';
      const at = (index: number) => put.flatMap(([place, sign]) => (place % word.length === index ? [sign] : []));
      const hidden = Array.from(word, (letter, index) => [...at(index), letter].join('')).join('');
      expect(normalise(hidden)).toBe(normalise(word));
      expect(finds(list.with(pick % list.length, hidden).join(' '), word)).toBe(true);
      expect(finds(list.join(' '), hidden)).toBe(true);
    }),
  );
});

test('a noun is found whatever its particles are, there and here', () => {
  const particles = fc.constantFrom(
    ...[
      '',
      '가',
      '는',
      '도',
      '에는',
      '에도',
      '에서도',
      '까지도',
      '만을',
      '으로는',
      '에게는',
      '한테',
      '밖에',
      '라도',
      '랑',
    ],
    ...['에서만은', '까지만', '부터는', '와의', '처럼', '이나', '으로부터'],
  );
  const noun = fc.oneof(hangul, latin, fc.stringMatching(/^[a-z]{1,4}-[0-9]{1,4}$/), letters(0xac00, 0xd7a3, 1, 1));
  fc.assert(
    fc.property(noun, particles, particles, (word, there, here) => {
      expect(finds(`앞 ${word}${there} 뒤`, `${word}${here}`)).toBe(true);
    }),
  );
});
