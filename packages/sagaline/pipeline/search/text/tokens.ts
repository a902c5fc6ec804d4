/** What a document is found by. Computed here and not by the database, so that every index and every locale finds the same. */
import { stemmer } from 'stemmer';
import { LONGEST, areParticles } from './particles.ts';
import { normalise, partsOf, segmentsOf } from './segments.ts';

/** Longer words are cut: nobody types them, and a base64 blob must not fill the index. */
export const MAX_TOKEN = 64;
/** Of one document; what comes after is not searchable. */
export const MAX_TOKENS = 2_000;

const UNFIT = /[\s\0]+/g;

/** Identifiers have tokens of their own kind, which no text has, so that an exact id comes first. */
export const exactToken = (identifier: string): string => `=${normalise(identifier).replace(UNFIT, '_').slice(0, 200)}`;

/** The tokens of some texts and identifiers, each once. */
export function tokensOf(texts: readonly string[], identifiers: readonly string[]): string[] {
  const tokens = new Set(identifiers.map(exactToken));
  for (const text of [...identifiers, ...texts]) {
    for (const segment of segmentsOf(normalise(text))) {
      if (segment.syllabic) addSyllables(tokens, segment.text);
      else addWord(tokens, segment.text);
      if (tokens.size >= MAX_TOKENS) return [...tokens].slice(0, MAX_TOKENS);
    }
  }
  return [...tokens];
}

function addWord(tokens: Set<string>, word: string): void {
  const parts = partsOf(word);
  if (parts.length > 1) tokens.add(cut(word));
  for (const part of parts) {
    tokens.add(cut(part));
    tokens.add(stemOf(part));
  }
}

/** `결제가` is `결제`, `제가`, and `가`: any part of it is found by its pairs, or by a prefix when it is one syllable. */
function addSyllables(tokens: Set<string>, run: string): void {
  const syllables = Array.from(run);
  for (const pair of pairsOf(syllables)) tokens.add(pair);
  tokens.add(syllables.at(-1) ?? '');
  if (isShortNoun(syllables)) tokens.add(shortNounToken(syllables[0] ?? ''));
}

/**
 * A noun of one syllable, alone or with its particles: `책`, `책을`. It has a token of a kind of its own, which no text has:
 * its syllable alone is in half of all words.
 */
export const shortNounToken = (syllable: string): string => `^${syllable}`;

/** Whether a run may be a noun of one syllable with particles, or without. */
export const isShortNoun = (syllables: readonly string[]): boolean =>
  syllables.length === 1 || areParticles(syllables.slice(1, 1 + LONGEST + 1).join(''));

export function pairsOf(syllables: readonly string[]): string[] {
  return syllables.slice(1).map((syllable, index) => `${syllables[index] ?? ''}${syllable}`);
}

export const cut = (word: string): string =>
  word.length > MAX_TOKEN
    ? Array.from(word.slice(0, 2 * MAX_TOKEN))
        .slice(0, MAX_TOKEN)
        .join('')
    : word;

const stems = new Map<string, string>();
const MAX_STEMS = 50_000;

/** English: `payments` and `paid` are not the same, `payments` and `payment` are. Other words are themselves. */
export function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const stem = word.length > 2 && word.length <= MAX_TOKEN && /^[a-z]+$/.test(word) ? stemmer(word) : cut(word);
  if (stems.size >= MAX_STEMS) stems.clear();
  stems.set(word, stem);
  return stem;
}
