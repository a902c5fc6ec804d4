/**
 * Where a document's text answers a query: fragments rather than markup, so that nobody has to trust or escape it. The work grows
 * with the text's length and with nothing else, and ends where the part that is shown ends.
 */
import { partsOf, segmentsOf, type Segment } from './segments.ts';
import { cut, isShortNoun, shortNounToken, stemOf } from './tokens.ts';
import type { ParsedQuery } from './query.ts';

export interface Fragment {
  readonly text: string;
  readonly match: boolean;
}

/** In UTF-16 units. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** UTF-16 units shown of a text, and how many of them before the first match. */
export const LENGTH = 240;
export const BEFORE = 60;
/** UTF-16 units in which a match is looked for. */
export const MAX_LOOKED_THROUGH = 65_536;

/** The terms of a query, each once, so that a word is looked up and not compared with one after the other. */
interface Wanted {
  /** Every token, whether its beginning counts, too, or not. */
  readonly tokens: ReadonlySet<string>;
  readonly prefixes: ReadonlySet<string>;
  /** How long prefixes are: few, and in ascending order. */
  readonly lengths: readonly number[];
}

/** @returns shows the text around its first match, cut into what matches and what does not; its beginning when nothing does */
export function createHighlighter(query: ParsedQuery): (text: string) => Fragment[] {
  const terms = query.groups.flat(2);
  const prefixes = new Set(terms.filter(({ prefix }) => prefix).map(({ token }) => token));
  const lengths = [...new Set([...prefixes].map((token) => token.length))].sort((a, b) => a - b);
  const wanted: Wanted = { tokens: new Set(terms.map(({ token }) => token)), prefixes, lengths };
  return function highlight(text) {
    const { ranges, ...shown } = inView(text, matchesIn(text.slice(0, MAX_LOOKED_THROUGH), wanted));
    return fragmentsOf(text, shown, ranges);
  };
}

/** What is shown of a text, and the matches in it: in order, and one where they touch. */
function inView(text: string, matches: Iterable<Range>): Range & { readonly ranges: readonly Range[] } {
  const ranges: Range[] = [];
  let view = viewFrom(text, 0);
  for (const range of matches) {
    const last = ranges.at(-1);
    if (!last) view = viewFrom(text, range.start - BEFORE);
    if (range.start >= view.end) break;
    if (last && range.start <= last.end) ranges[ranges.length - 1] = { start: last.start, end: range.end };
    else ranges.push(range);
  }
  return { ...view, ranges };
}

function viewFrom(text: string, from: number): Range {
  const start = boundary(text, Math.max(0, from));
  return { start, end: boundary(text, Math.min(text.length, start + LENGTH)) };
}

function fragmentsOf(text: string, { start, end }: Range, ranges: readonly Range[]): Fragment[] {
  const fragments: Fragment[] = [];
  let position = start;
  const push = (to: number, match: boolean) => {
    const from = position;
    position = Math.max(position, Math.min(to, end));
    if (position > from) fragments.push({ text: text.slice(from, position), match });
  };
  for (const range of ranges) {
    push(range.start, false);
    push(range.end, true);
  }
  push(end, false);
  if (start > 0) fragments.unshift({ text: '…', match: false });
  if (end < text.length) fragments.push({ text: '…', match: false });
  return fragments;
}

/** Where the text has what is wanted: starts and ends ascend. */
function* matchesIn(text: string, wanted: Wanted): Generator<Range> {
  for (const segment of segmentsOf(text)) {
    if (segment.syllabic) yield* syllableMatches(segment, wanted);
    else if (isWanted(segment.text, wanted)) yield segment;
  }
}

function isWanted(word: string, wanted: Wanted): boolean {
  if (begins(cut(word), wanted)) return true;
  const parts = partsOf(word);
  if (parts.length === 1) return wanted.tokens.has(stemOf(word));
  return parts.some((part) => begins(cut(part), wanted) || wanted.tokens.has(stemOf(part)));
}

const begins = (word: string, { tokens, prefixes, lengths }: Wanted): boolean =>
  tokens.has(word) || lengths.some((length) => length <= word.length && prefixes.has(word.slice(0, length)));

/** Single syllables, and pairs of them, wherever they stand in a run; a noun of one syllable at its beginning. */
function* syllableMatches({ text, start, end }: Segment, { tokens }: Wanted): Generator<Range> {
  // Compatibility forms may have changed its length: then the whole run is marked.
  const exact = text.length === end - start;
  const syllables = Array.from(text);
  const [noun = ''] = syllables;
  let at = start;
  for (const [index, syllable] of syllables.entries()) {
    const pair = `${syllable}${syllables[index + 1] ?? ''}`;
    const isNoun = index === 0 && tokens.has(shortNounToken(noun)) && isShortNoun(syllables);
    const found = (pair !== syllable && tokens.has(pair) && pair) || ((isNoun || tokens.has(syllable)) && syllable);
    if (found && !exact) {
      yield { start, end };
      return;
    }
    if (found) yield { start: at, end: at + found.length };
    at += syllable.length;
  }
}

/** Never between the halves of a surrogate pair. */
function boundary(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
