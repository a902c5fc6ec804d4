import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findSagas, InvalidSagas } from '../../../packages/sagaline/sagas/find-sagas.ts';
import { sagas } from '../../support/reference.ts';

/** Ignored by git, and inside the project, where TypeScript is understood. */
const SCRATCH = join(import.meta.dirname, '../../../.sagaline');

let directory: string;
beforeEach(() => {
  mkdirSync(SCRATCH, { recursive: true });
  directory = mkdtempSync(join(SCRATCH, 'sagas-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const saga = (name: string, exported = name): string =>
  `export const ${exported}: unknown = Object.assign(() => undefined, { saga: { name: '${name}' } });\n`;
const write = (file: string, source: string): void => writeFileSync(join(directory, file), source);
const found = async (): Promise<string[]> => (await findSagas(pathToFileURL(`${directory}/`))).map(({ name }) => name);

test('those of the reference application, by their folder alone', () => {
  expect(sagas.map(({ name }) => name)).toEqual(['alertSaga', 'orderSaga', 'signupSaga']);
});

test('every saga of every *.saga.ts, and nothing else', async () => {
  write(
    'b.saga.ts',
    saga('refundSaga') + saga('giftSaga') + 'export const events = {};\nexport const help = () => 1;\n',
  );
  write('a.saga.ts', saga('tripSaga'));
  write('events.ts', saga('noSaga'));
  mkdirSync(join(directory, 'deeper'));
  expect(await found()).toEqual(['tripSaga', 'giftSaga', 'refundSaga']);
});

test('a folder without a slash at its end is one, too', async () => {
  write('a.saga.ts', saga('tripSaga'));
  expect(await findSagas(pathToFileURL(directory))).toHaveLength(1);
});

test('a folder without sagas, or none at all', async () => {
  await expect(found()).rejects.toThrow(`there is no saga in ${directory}/: a saga stands in a file <name>.saga.ts`);
  await expect(findSagas(pathToFileURL(join(directory, 'none')))).rejects.toThrow(/none, cannot be read: ENOENT/);
});

test('two of one name, in files that are named', async () => {
  write('a.saga.ts', saga('tripSaga'));
  write('b.saga.ts', saga('tripSaga'));
  await expect(found()).rejects.toThrow('two sagas are named tripSaga, in a.saga.ts and b.saga.ts: rename one');
});

test('an export that is not named like its saga', async () => {
  write('a.saga.ts', saga('tripSaga', 'bookingSaga'));
  await expect(found()).rejects.toThrow('a.saga.ts exports saga tripSaga as bookingSaga: both names must be equal');
  await expect(found()).rejects.toBeInstanceOf(InvalidSagas);
});

test('a saga file without a saga', async () => {
  write('a.saga.ts', 'export const events = {};\n');
  await expect(found()).rejects.toThrow('a.saga.ts exports no saga');
});
