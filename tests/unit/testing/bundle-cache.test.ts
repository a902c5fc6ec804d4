import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keptAt, keptBundle } from '../../../packages/sagaline/testing/bundle-cache.ts';

/** Ignored by git, and inside the project, so that the copy finds its packages. One name, by which bundles are kept. */
const directory = resolve(import.meta.dirname, '../../../.sagaline/bundle-cache/app');
const folder = join(directory, 'sagas');
const sagas = pathToFileURL(`${folder}/`);
const file = join(folder, 'gift-card.saga.ts');

const MARK = '/* kept */';
/** What is found now, instead of made, begins with the mark. */
async function mark(): Promise<void> {
  const kept = JSON.parse(await readFile(keptAt(sagas), 'utf8')) as { code: string };
  await writeFile(keptAt(sagas), JSON.stringify({ ...kept, code: `${MARK}${kept.code}` }));
}
const isKept = async (): Promise<boolean> => (await keptBundle(sagas)).code.startsWith(MARK);

beforeAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await rm(keptAt(sagas), { force: true });
  await mkdir(directory, { recursive: true });
  await cp(resolve(import.meta.dirname, '../../support/second-app/sagas'), folder, { recursive: true });
  const helper = "export const byHand = 'by hand';\n";
  await writeFile(join(folder, 'helper.ts'), helper);
  const source = await readFile(file, 'utf8');
  await writeFile(file, `import { byHand } from './helper.ts';\n${source.replace("'by hand'", 'byHand')}`);
});
afterAll(() => rm(directory, { recursive: true }));

test('a bundle is kept for as long as nothing that it was made of changes', async () => {
  expect((await keptBundle(sagas)).code).toContain('giftCardSaga');
  await mark();
  expect(await isKept()).toBe(true);
});

test('it is made anew when a saga changes, a file that one imports, or which sagas there are', async () => {
  await writeFile(file, `${await readFile(file, 'utf8')}\n// another line\n`);
  expect(await isKept()).toBe(false);

  await mark();
  await writeFile(join(folder, 'helper.ts'), "export const byHand = 'by another hand';\n");
  expect((await keptBundle(sagas)).code).toContain('by another hand');

  await mark();
  await rename(file, join(folder, 'voucher.saga.ts'));
  expect(await isKept()).toBe(false);
});

test('processes that want it at the same time make it once', async () => {
  await rm(keptAt(sagas));
  const codes = await Promise.all([1, 2, 3].map(async () => (await keptBundle(sagas)).code));
  expect(new Set(codes).size).toBe(1);
});
