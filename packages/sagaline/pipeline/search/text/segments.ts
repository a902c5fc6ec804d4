/** Text cut into what is searched by: words, names with joints such as `o-1`, and runs of scripts that need no spaces. */
import { plainText } from './plain.ts';

/** Hangul, Han, and Japanese kana: one writes them without spaces, or with particles glued on, so they are searched by syllables. */
const SYLLABIC = String.raw`\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー`;
/** Soft hyphens, zero-width spaces and joiners, variation selectors: nobody sees them, so they part no word and make none. */
const UNSEEN = String.raw`\p{Default_Ignorable_Code_Point}`;
const LETTER = String.raw`(?:(?![${SYLLABIC}])[\p{L}\p{N}\p{M}${UNSEEN}])`;
const ANY = new RegExp(
  // A run of syllables, else words of other scripts, joined or not: `order`, `o-1`, `ada@customer.example`.
  String.raw`[${SYLLABIC}][${SYLLABIC}${UNSEEN}]*|${LETTER}+(?:[-._~@]+${LETTER}+)*`,
  'gu',
);
/** The same for text that is ASCII, five times faster. */
const ASCII = /[a-z0-9]+(?:[-._~@]+[a-z0-9]+)*/gi;
const IS_ASCII = /^[\x00-\x7f]*$/;
const STARTS_SYLLABIC = new RegExp(`^[${SYLLABIC}]`, 'u');
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;
const ALL_UNSEEN = new RegExp(`[${UNSEEN}]+`, 'gu');
const JOINTS = /[-._~@]+/;
/** Normalising sorts the marks of a letter, in a time that grows with their square. Thirty are UAX #15's Stream-Safe Text Format. */
const TOO_MANY_MARKS = /([\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]+/gu;

export interface Segment {
  /** As it is compared: see `normalise`. */
  readonly text: string;
  readonly syllabic: boolean;
  /** Where it is in the original, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/**
 * One form for what looks and means the same: half-width and full-width, composed and decomposed, upper and lower case, with
 * unseen characters or without (as Unicode's NFKC_Casefold has it, but for case, which is only lowered), coloured or not. It
 * comes before cutting into segments, because a single character may become several words.
 */
export function normalise(text: string): string {
  const plain = plainText(text);
  if (IS_ASCII.test(plain)) return plain.toLowerCase();
  // Once more, because lower-casing may decompose, and what an unseen character kept apart may compose.
  const safe = plain.replace(TOO_MANY_MARKS, '$1');
  return safe.normalize('NFKC').replace(ALL_UNSEEN, '').toLowerCase().normalize('NFKC');
}

/** The segments of a text, in its order. Each has a letter or a digit: marks alone are no word. */
export function* segmentsOf(text: string): Generator<Segment> {
  const pattern = IS_ASCII.test(text) ? ASCII : ANY;
  for (const match of text.matchAll(pattern)) {
    const normalised = normalise(match[0]);
    if (pattern === ANY && !SAYS_SOMETHING.test(normalised)) continue;
    const syllabic = pattern === ANY && STARTS_SYLLABIC.test(normalised);
    yield { text: normalised, syllabic, start: match.index, end: match.index + match[0].length };
  }
}

/** `o-1` is `o` and `1`; a word without joints is itself. */
export const partsOf = (word: string): string[] => word.split(JOINTS);
