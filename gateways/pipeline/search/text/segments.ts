/** Text cut into what is searched by: words, names with joints such as `o-1`, and runs of scripts that need no spaces. */

/** Hangul, Han, and Japanese kana: one writes them without spaces, or with particles glued on, so they are searched by syllables. */
const SYLLABIC = String.raw`\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー`;
const ANY = new RegExp(
  // A run of syllables, else words of other scripts, joined or not: `order`, `o-1`, `ada@customer.example`.
  String.raw`[${SYLLABIC}]+|(?:(?![${SYLLABIC}])[\p{L}\p{N}\p{M}])+(?:[-._~@]+(?:(?![${SYLLABIC}])[\p{L}\p{N}\p{M}])+)*`,
  'gu',
);
/** The same for text that is ASCII, five times faster. */
const ASCII = /[a-z0-9]+(?:[-._~@]+[a-z0-9]+)*/gi;
const IS_ASCII = /^[\x00-\x7f]*$/;
const STARTS_SYLLABIC = new RegExp(`^[${SYLLABIC}]`, 'u');
const JOINTS = /[-._~@]+/;

export interface Segment {
  /** As it is compared: compatibility forms folded (NFKC), lower case. */
  readonly text: string;
  readonly syllabic: boolean;
  /** Where it is in the original, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/**
 * One form for what means the same: half-width and full-width, composed and decomposed, upper and lower case. It comes before
 * cutting into segments, because a single character may become several words.
 */
export function normalise(text: string): string {
  if (IS_ASCII.test(text)) return text.toLowerCase();
  // Once more, because lower-casing may decompose.
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** The segments of a text, in its order. */
export function* segmentsOf(text: string): Generator<Segment> {
  const pattern = IS_ASCII.test(text) ? ASCII : ANY;
  for (const match of text.matchAll(pattern)) {
    const normalised = normalise(match[0]);
    const syllabic = pattern === ANY && STARTS_SYLLABIC.test(normalised);
    yield { text: normalised, syllabic, start: match.index, end: match.index + match[0].length };
  }
}

/** `o-1` is `o` and `1`; a word without joints is itself. */
export const partsOf = (word: string): string[] => word.split(JOINTS);
