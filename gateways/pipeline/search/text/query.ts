/** What somebody typed, as tokens. Any text makes a query, or none: there is no syntax that could be wrong. */
import { normalise, partsOf, segmentsOf } from './segments.ts';
import { cut, exactToken, pairsOf, stemOf } from './tokens.ts';

export interface Term {
  readonly token: string;
  /** Whether tokens that begin with it count, too. */
  readonly prefix: boolean;
}

/** All of its terms must be there. */
export type Alternative = readonly Term[];
/** One word of the query: one of its alternatives must hold. */
export type Group = readonly Alternative[];

export interface ParsedQuery {
  /** The query as a whole, as an identifier. */
  readonly exact: string;
  /** Every one must hold. */
  readonly groups: readonly Group[];
  /** The query as the name that may be misspelt: Latin letters and digits, without spaces; undefined otherwise. */
  readonly name: string | undefined;
}

/** A prefix of one or two letters would be half of the index. */
const MIN_PREFIX = 3;
const MIN_NAME = 4;
/** More words add nothing but work; the first ones count. */
export const MAX_WORDS = 16;

/**
 * Particles that Korean writes without a space after a noun, the longer ones first: `결제가` asks for `결제`, too. A word that
 * happens to end like one is still found as it is: both are alternatives.
 */
const PARTICLES = [
  ...[
    '으로부터',
    '에서부터',
    '이라고',
    '에게서',
    '으로써',
    '으로서',
    '까지는',
    '에서는',
    '에서',
    '에게',
    '으로',
    '부터',
    '까지',
  ],
  ...[
    '처럼',
    '보다',
    '마다',
    '조차',
    '이나',
    '라고',
    '하고',
    '은',
    '는',
    '이',
    '가',
    '을',
    '를',
    '에',
    '의',
    '와',
    '과',
    '도',
  ],
  ...['로', '만', '나', '께'],
];

/** @returns undefined when there is no letter and no digit in it */
export function parseQuery(text: string): ParsedQuery | undefined {
  const groups: Group[] = [];
  for (const segment of segmentsOf(normalise(text))) {
    groups.push(segment.syllabic ? syllableGroup(segment.text) : wordGroup(segment.text));
    if (groups.length === MAX_WORDS) break;
  }
  if (groups.length === 0) return undefined;
  const name = normalise(text.trim());
  const isName = name.length >= MIN_NAME && /^[a-z0-9][-a-z0-9._~@]*$/.test(name);
  return { exact: exactToken(text.trim()), groups, name: isName ? name : undefined };
}

function wordGroup(word: string): Group {
  const parts = partsOf(word);
  if (parts.length === 1) return wordAlternatives(word).map((term) => [term]);
  const whole: Term = { token: cut(word), prefix: word.length >= MIN_PREFIX };
  // `user-id` is found in "user id"; the parts of `o-1` say nothing.
  const apart = parts.every((part) => part.length > 1);
  return apart ? [[whole], parts.map((part) => ({ token: cut(part), prefix: false }))] : [[whole]];
}

function wordAlternatives(word: string): Term[] {
  const token = cut(word);
  const stem = stemOf(word);
  const asTyped: Term = { token, prefix: Array.from(word).length >= MIN_PREFIX };
  return stem === token ? [asTyped] : [asTyped, { token: stem, prefix: false }];
}

function syllableGroup(run: string): Group {
  const syllables = Array.from(run).slice(0, 32);
  const particle = PARTICLES.find((ending) => run.endsWith(ending) && syllables.length - ending.length >= 2);
  const whole = syllableTerms(syllables);
  return particle === undefined ? [whole] : [whole, syllableTerms(syllables.slice(0, -particle.length))];
}

function syllableTerms(syllables: readonly string[]): Alternative {
  const [only] = syllables;
  if (syllables.length === 1 && only !== undefined) return [{ token: only, prefix: true }];
  return pairsOf(syllables).map((token) => ({ token, prefix: false }));
}
