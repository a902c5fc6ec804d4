/** What somebody typed, as tokens. Any text makes a query, or none: there is no syntax that could be wrong. */
import { areParticles, nounLengths } from './particles.ts';
import { normalise, partsOf, segmentsOf, type Segment } from './segments.ts';
import { cut, exactToken, pairsOf, shortNounToken, stemOf } from './tokens.ts';

/** A token that is looked for. */
export interface Term {
  readonly token: string;
  /** Whether tokens that begin with it count, too. */
  readonly prefix: boolean;
}

/** All of its terms must be there. */
export type Alternative = readonly Term[];
/** One word of the query: one of its alternatives must hold. */
export type Group = readonly Alternative[];

/** What somebody typed, as an index looks for it. */
export interface ParsedQuery {
  /** The query as a whole, as an identifier; without the particle at its end. */
  readonly exact: string;
  /** Every one must hold; no two are the same. */
  readonly groups: readonly Group[];
  /** The query as the name that may be misspelt: Latin letters and digits, without spaces; undefined otherwise. */
  readonly name: string | undefined;
}

/** A prefix of one or two letters would be half of the index. */
const MIN_PREFIX = 3;
const MIN_NAME = 4;
/** More words add nothing but work; the first ones count. */
export const MAX_WORDS = 16;
/** Of one run of syllables. */
const MAX_SYLLABLES = 32;

/** @returns undefined when there is no letter and no digit in it */
export function parseQuery(text: string): ParsedQuery | undefined {
  const typed = normalise(text).trim();
  const segments = [...segmentsOf(typed)];
  const words = segments.filter((segment, index) => !isParticle(segment, segments[index - 1], typed));
  const [first, second] = words;
  if (!first) return undefined;
  const groups = new Map<string, Group>();
  for (const { text: word, syllabic } of words) {
    if (!groups.has(word)) groups.set(word, syllabic ? syllableGroup(word) : wordGroup(word));
    if (groups.size === MAX_WORDS) break;
  }
  // A particle may stand after the one word that there is: `o-1을` is called o-1.
  const whole = second || words.length === segments.length ? typed : typed.slice(0, first.end);
  const isName = whole.length >= MIN_NAME && /^[a-z0-9][-a-z0-9._~@]*$/.test(whole);
  return { exact: exactToken(whole), groups: [...groups.values()], name: isName ? whole : undefined };
}

const CLOSED = /^[\p{Pe}\p{Pf}"'`]*$/u;

/** `Kafka가`, `o-1을`, `(o-1)의`: a particle is written on, and need not be in a text. But `3만` is a number, thirty thousand. */
function isParticle({ text, syllabic, start }: Segment, before: Segment | undefined, typed: string): boolean {
  if (!before || !syllabic || !areParticles(text)) return false;
  if (text === '만' && /^\d+$/.test(before.text)) return false;
  return CLOSED.test(typed.slice(before.end, start));
}

function wordGroup(word: string): Group {
  const parts = partsOf(word);
  if (parts.length === 1) return wordAlternatives(word).map((term) => [term]);
  const whole: Term = { token: cut(word), prefix: word.length >= MIN_PREFIX };
  // `user-id` is found in "user id"; the parts of `o-1` say nothing.
  const apart = parts.every((part) => part.length > 1);
  return apart ? [[whole], unlike(parts.map((part) => ({ token: cut(part), prefix: false })))] : [[whole]];
}

function wordAlternatives(word: string): Term[] {
  const token = cut(word);
  const stem = stemOf(word);
  const asTyped: Term = { token, prefix: Array.from(token).length >= MIN_PREFIX };
  return stem === token ? [asTyped] : [asTyped, { token: stem, prefix: false }];
}

/**
 * As it is typed, and as the noun that it may be with particles: `결제가` asks for `결제`, too. A word that happens to end like
 * one is still found as it is. A noun of one syllable is asked for as a noun: as a piece it would be anywhere.
 */
function syllableGroup(run: string): Group {
  const syllables = Array.from(run).slice(0, MAX_SYLLABLES);
  const nouns = nounLengths(syllables).map((length): Alternative => {
    if (length > 1) return syllableTerms(syllables.slice(0, length));
    return [{ token: shortNounToken(syllables[0] ?? ''), prefix: false }];
  });
  return [syllableTerms(syllables), ...nouns];
}

function syllableTerms(syllables: readonly string[]): Alternative {
  const [only] = syllables;
  if (syllables.length === 1 && only !== undefined) return [{ token: only, prefix: true }];
  return unlike(pairsOf(syllables).map((token) => ({ token, prefix: false })));
}

/** Each token once: a word that repeats itself asks for nothing more. */
const unlike = (terms: readonly Term[]): Term[] => [...new Map(terms.map((term) => [term.token, term])).values()];
