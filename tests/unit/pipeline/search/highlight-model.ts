import {
  BEFORE,
  LENGTH,
  type Fragment,
  type Range,
} from '../../../../packages/sagaline/pipeline/search/text/highlight.ts';
import type { ParsedQuery, Term } from '../../../../packages/sagaline/pipeline/search/text/query.ts';
import { partsOf, segmentsOf, type Segment } from '../../../../packages/sagaline/pipeline/search/text/segments.ts';
import { cut, isShortNoun, stemOf } from '../../../../packages/sagaline/pipeline/search/text/tokens.ts';

/** What highlighting means, without a thought of what it costs: every unit of the text is marked, or not, by every term. */
export function highlightModel(text: string, query: ParsedQuery): Fragment[] {
  const terms = query.groups.flat(2);
  const marked = new Set<number>();
  for (const segment of segmentsOf(text)) {
    for (const { start, end } of terms.flatMap((term) => matchesOf(segment, term))) {
      for (let at = start; at < end; at++) marked.add(at);
    }
  }
  const isHalf = (at: number) => /[\udc00-\udfff]/.test(text.charAt(at));
  const from = Math.max(0, Math.min(...(marked.size > 0 ? marked : [0])) - BEFORE);
  const start = isHalf(from) ? from - 1 : from;
  const to = Math.min(text.length, start + LENGTH);
  const end = isHalf(to) ? to - 1 : to;

  const fragments: { text: string; match: boolean }[] = start > 0 ? [{ text: '…', match: false }] : [];
  for (let at = start; at < end; at++) {
    const last = at > start ? fragments.at(-1) : undefined;
    if (last?.match === marked.has(at)) last.text += text.charAt(at);
    else fragments.push({ text: text.charAt(at), match: marked.has(at) });
  }
  return end < text.length ? [...fragments, { text: '…', match: false }] : fragments;
}

function matchesOf(segment: Segment, { token, prefix }: Term): Range[] {
  const { text, start, end } = segment;
  if (!segment.syllabic) {
    const parts = partsOf(text);
    const begins = (word: string) => (prefix ? cut(word).startsWith(token) : cut(word) === token);
    const isStem = (word: string) => token === stemOf(word);
    const found =
      begins(text) || (parts.length === 1 ? isStem(text) : parts.some((part) => begins(part) || isStem(part)));
    return found ? [segment] : [];
  }
  const [first = ''] = Array.from(text);
  const isNoun = token === `^${first}` && isShortNoun(Array.from(text));
  const places = [...Array(text.length).keys()].filter((at) => text.startsWith(token, at));
  const ranges = [
    ...places.map((at) => ({ at, length: token.length })),
    ...(isNoun ? [{ at: 0, length: first.length }] : []),
  ];
  // Compatibility forms may have changed its length: then the whole run is marked.
  const exact = text.length === end - start;
  return ranges.map(({ at, length }) => (exact ? { start: start + at, end: start + at + length } : { start, end }));
}
