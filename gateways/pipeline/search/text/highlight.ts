/** Where a document's text answers a query: fragments rather than markup, so that nobody has to trust or escape it. */
import { partsOf, segmentsOf, type Segment } from './segments.ts';
import { cut, stemOf } from './tokens.ts';
import type { ParsedQuery, Term } from './query.ts';

export interface Fragment {
  readonly text: string;
  readonly match: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** UTF-16 units shown of a text, and how many of them before the first match. */
const LENGTH = 240;
const BEFORE = 60;

/** The text around the first match, cut into what matches and what does not; its beginning when nothing does. */
export function highlight(text: string, query: ParsedQuery): Fragment[] {
  const terms = query.groups.flat(2);
  const ranges = merged([...segmentsOf(text)].flatMap((segment) => matchesIn(segment, terms)));
  const start = boundary(text, Math.max(0, (ranges[0]?.start ?? 0) - BEFORE));
  const end = boundary(text, Math.min(text.length, start + LENGTH));
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

function matchesIn(segment: Segment, terms: readonly Term[]): Range[] {
  if (segment.syllabic) return syllableMatches(segment, terms);
  if (terms.some((term) => matches(cut(segment.text), term))) return [segment];
  const parts = partsOf(segment.text);
  if (parts.length === 1) return terms.some(({ token }) => token === stemOf(segment.text)) ? [segment] : [];
  return parts.some((part) => terms.some((term) => matches(cut(part), term) || term.token === stemOf(part)))
    ? [segment]
    : [];
}

const matches = (word: string, { token, prefix }: Term): boolean => (prefix ? word.startsWith(token) : word === token);

function syllableMatches({ text, start, end }: Segment, terms: readonly Term[]): Range[] {
  // Compatibility forms may have changed its length: then the whole run is marked.
  const exact = text.length === end - start;
  return terms.flatMap(({ token }) => {
    const ranges: Range[] = [];
    for (let at = text.indexOf(token); at >= 0; at = text.indexOf(token, at + 1)) {
      ranges.push(exact ? { start: start + at, end: start + at + token.length } : { start, end });
    }
    return ranges;
  });
}

/** In order, and one where they touch. */
function merged(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last && range.start <= last.end) result[result.length - 1] = { ...last, end: Math.max(last.end, range.end) };
    else result.push(range);
  }
  return result;
}

/** Never between the halves of a surrogate pair. */
function boundary(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
