import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highlight } from '../../../../gateways/pipeline/search/text/highlight.ts';
import { parseQuery } from '../../../../gateways/pipeline/search/text/query.ts';
import { normalise } from '../../../../gateways/pipeline/search/text/segments.ts';
import { MAX_TOKENS, tokensOf } from '../../../../gateways/pipeline/search/text/tokens.ts';
import { finds } from './finds.ts';

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
      else expect(normalise(text)).not.toMatch(/[\p{L}\p{N}]/u);
    }),
  );
});

test('what is shown is the text itself, in pieces', () => {
  fc.assert(
    fc.property(anything, anything, (text, typed) => {
      const query = parseQuery(typed);
      if (!query) return;
      const shown = highlight(text, query)
        .map((fragment) => fragment.text)
        .join('');
      expect(text).toContain(shown.replace(/^…/, '').replace(/…$/, ''));
      if (text.length <= 200) expect(shown).toBe(text);
    }),
  );
});
