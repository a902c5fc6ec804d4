import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchRepository, type RepositoryWatch } from '../../../packages/sagaline/bin/dev/watch.ts';

let root: string;
let watch: RepositoryWatch;
let told: EventEmitter;
const at = (...path: string[]) => join(root, ...path);
const change = async (): Promise<unknown> => (await once(told, 'change', { signal: AbortSignal.timeout(10_000) }))[0];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'watch-'));
  await mkdir(at('workflows'));
  await mkdir(at('node_modules', 'zod'), { recursive: true });
  await mkdir(at('.sagaline', 'dev'), { recursive: true });
  await writeFile(at('app.ts'), 'export {};');
  told = new EventEmitter();
  watch = await watchRepository(root, (files) => told.emit('change', files));
});
afterEach(async () => {
  watch.close();
  await rm(root, { recursive: true });
});

test('tells once what changed, however many writes that took', async () => {
  const changed = change();
  for (const text of ['1', '2', '3']) await writeFile(at('app.ts'), text);
  await writeFile(at('workflows', 'a.saga.ts'), '');
  expect(await changed).toEqual(['app.ts', join('workflows', 'a.saga.ts')]);
});

test('also in folders that are new, of files that an editor exchanges, and of files that go', async () => {
  await Promise.all([change(), mkdir(at('participants')).then(() => writeFile(at('participants', 'b.ts'), ''))]);
  const inNew = change();
  await writeFile(at('participants', 'b.ts'), 'b');
  expect(await inNew).toEqual([join('participants', 'b.ts')]);

  const exchanged = change();
  await writeFile(at('.app.ts.swp'), 'new');
  await rename(at('.app.ts.swp'), at('app.ts'));
  expect(await exchanged).toEqual(['app.ts']);

  const gone = change();
  await rm(at('participants'), { recursive: true });
  expect(await gone).toEqual([join('participants', 'b.ts')]);
});

test('says nothing of what is not the author’s, of texts, and of who only looked', async () => {
  const changed = change();
  await writeFile(at('node_modules', 'zod', 'index.js'), '');
  await writeFile(at('.sagaline', 'dev', 'app.log'), '');
  await writeFile(at('README.md'), '');
  await writeFile(at('app.ts~'), '');
  await readFile(at('app.ts'));
  await utimes(at('workflows'), new Date(), new Date());
  await writeFile(at('.env'), 'A=1');
  expect(await changed).toEqual(['.env']);
});
