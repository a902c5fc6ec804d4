/** Whether what the sources cite by number is there: docs/kernel-rules.md and docs/failure-modes.md. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const NOT_OURS: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', 'generated']);

function filesBelow(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) || entry.name.startsWith('.') ? [] : filesBelow(path);
    return /\.(ts|mjs|md)$/.test(entry.name) ? [path] : [];
  });
}

/** This file aside: it is about the form. */
const sources = filesBelow('.').filter((path) => !import.meta.filename.endsWith(path));

interface Citation {
  readonly path: string;
  readonly text: string;
  readonly numbers: readonly number[];
}

/** `<word> 4`, `<word>s 1, 2 and 7`. */
function citationsOf(word: string): Citation[] {
  const form = new RegExp(`${word}s? (\\d+(?:(?:, | and )\\d+)*)`, 'g');
  return sources.flatMap((path) =>
    [...read(path).matchAll(form)].map(([text, numbers = '']) => ({
      ...{ path, text },
      numbers: [...numbers.matchAll(/\d+/g)].map(([number]) => Number(number)),
    })),
  );
}

const unknown = (citations: readonly Citation[], known: ReadonlySet<number>): string[] =>
  citations
    .filter(({ numbers }) => numbers.some((number) => !known.has(number)))
    .map(({ path, text }) => `${path}: ${text}`);

/** The rules' sections, by their numbers. */
const rules = new Map(
  read('docs/kernel-rules.md')
    .split(/^## /m)
    .slice(1)
    .map((section) => [Number.parseInt(section, 10), section] as const),
);
const ruleCitations = citationsOf('kernel rule').filter(({ path }) => path !== 'docs/kernel-rules.md');

test('the kernel’s rules are numbered from 1, without a hole', () => {
  expect([...rules.keys()]).toEqual(Array.from({ length: rules.size }, (_, index) => index + 1));
});

test('every rule that is cited is there', () => {
  expect(ruleCitations.length).toBeGreaterThan(40);
  expect(unknown(ruleCitations, new Set(rules.keys()))).toEqual([]);
});

test('a rule is cited as a rule of the kernel', () => {
  const bare = sources.flatMap((path) =>
    [...read(path).matchAll(/(?<!kernel )\brules? \d+/gi)].map(([text]) => `${path}: ${text}`),
  );
  expect(bare).toEqual([]);
});

test('every rule is cited where a test shows it', () => {
  const shown = new Set(ruleCitations.flatMap(({ path, numbers }) => (path.startsWith('tests/') ? numbers : [])));
  expect([...rules.keys()].filter((rule) => !shown.has(rule))).toEqual([]);
});

test.each([...rules])(
  'rule no. %i says why, where it is kept and what shows it, in files that are there',
  (_, section) => {
    const [, kept = '', shown = ''] = /^- Kept in: (.*?)^- Shown by: (.*)/ms.exec(section) ?? [];
    const files = (list: string) => [...list.matchAll(/`([^`]+\.ts)`/g)].map(([, path = '']) => path);
    expect(section).toMatch(/^- Why: \S/m);
    expect(files(kept)).not.toEqual([]);
    expect(files(shown).some((path) => path.startsWith('tests/'))).toBe(true);
    expect([...files(kept), ...files(shown)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  },
);

test('every failure mode that a test cites is a row of its page', () => {
  const rows = new Set([...read('docs/failure-modes.md').matchAll(/^\| (\d+) /gm)].map(([, row]) => Number(row)));
  const citations = citationsOf('failure mode').filter(({ path }) => path.startsWith('tests/'));
  expect(citations.length).toBeGreaterThan(20);
  expect(unknown(citations, rows)).toEqual([]);
});
