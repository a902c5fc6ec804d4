import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CannotCreate, createRepository, nameProblem } from '../../../packages/create-sagaline/create.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const json = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Record<string, Record<string, string>>;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'create-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('writes a repository of at most 10 files, and says which', async () => {
  const { root, files } = await createRepository(join(directory, 'my-shop'));
  const written = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(written).toHaveLength(files.length);
  expect(files.length).toBeLessThanOrEqual(10);
  expect(files).toEqual(expect.arrayContaining(['.gitignore', 'app.ts', 'package.json', 'workflows/booking.saga.ts']));
  let lines = 0;
  for (const file of files) {
    const text = await readFile(join(root, file), 'utf8');
    expect(text, file).not.toContain('{{');
    if (file.endsWith('.ts')) lines += text.split('\n').length - 1;
  }
  // The application and its test: what a newcomer reads.
  expect(lines).toBeLessThanOrEqual(110);
  expect(await json(join(root, 'package.json'))).toMatchObject({
    name: 'my-shop',
    dependencies: { sagaline: '0.1.0' },
  });
});

test('takes its versions from one place: those that are tested here', async () => {
  const {
    sagaline,
    'node-image': image,
    ...versions
  } = await json(join(ROOT, 'packages/create-sagaline/versions.json'));
  const { dependencies, devDependencies } = await json(join(ROOT, 'package.json'));
  const { dependencies: own, peerDependencies } = await json(join(ROOT, 'packages/sagaline/package.json'));
  const tested: Record<string, string> = { ...peerDependencies, ...own, ...dependencies, ...devDependencies };
  expect(versions).toEqual(Object.fromEntries(Object.keys(versions).map((name) => [name, tested[name]])));
  expect(image).toBe((await json(join(ROOT, 'containers/images.json')))['node']);
  expect({ version: sagaline }).toMatchObject({
    version: (await json(join(ROOT, 'packages/sagaline/package.json')))['version'],
  });
});

test('takes another sagaline when it is told one', async () => {
  const tarball = join(directory, 'sagaline.tgz');
  await writeFile(tarball, '');
  const { root } = await createRepository(join(directory, 'shop'), { sagaline: tarball });
  expect(await json(join(root, 'package.json'))).toMatchObject({ dependencies: { sagaline: `file:${tarball}` } });
  await expect(createRepository(join(directory, 'two'), { sagaline: join(directory, 'none') })).rejects.toThrow(
    'neither a version nor a file',
  );
});

describe('refuses, and writes nothing', () => {
  test('a directory that is not empty, unless Git has been there', async () => {
    const shop = join(directory, 'shop');
    await mkdir(join(shop, '.git'), { recursive: true });
    await writeFile(join(shop, 'mine.txt'), '');
    await expect(createRepository(shop)).rejects.toThrow('is not empty (mine.txt)');
    expect(await readdir(shop)).toEqual(['.git', 'mine.txt']);
    await rm(join(shop, 'mine.txt'));
    expect((await createRepository(shop)).files).toContain('app.ts');
  });

  test('a file in its place', async () => {
    await writeFile(join(directory, 'shop'), '');
    await expect(createRepository(join(directory, 'shop'))).rejects.toThrow('it is a file');
  });

  test.each(['My-Shop', 'my shop', '.shop', 'node_modules', 'http', 'sagaline', 'x'.repeat(215)])(
    'the name %s',
    async (name) => {
      expect(nameProblem(name)).toBeDefined();
      await expect(createRepository(join(directory, name))).rejects.toBeInstanceOf(CannotCreate);
      expect(await readdir(directory)).toEqual([]);
    },
  );
});

test.each([
  ['2nd.shop', 'nd-shop'],
  ['shop_1', 'shop-1'],
])('%s is a package, and %s its application', async (name, app) => {
  const { root } = await createRepository(join(directory, name));
  expect(await readFile(join(root, 'app.ts'), 'utf8')).toContain(`name: '${app}'`);
});
