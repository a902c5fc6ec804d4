import { mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyPackage } from '../../../packages/sagaline/dev/tools/postgres.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sagaline-postgres-'));
});
afterEach(() => rm(directory, { recursive: true }));

it.each(['did not run', 'ran'])(
  "a copy of PostgreSQL's package leads nowhere else where its script %s",
  async (script) => {
    const [root, copy] = [join(directory, 'package'), join(directory, 'copy')];
    await mkdir(join(root, 'native/lib'), { recursive: true });
    await writeFile(join(root, 'native/lib/libpq.so.5.18'), 'a library');
    const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
    await writeFile(join(root, 'native/pg-symlinks.json'), JSON.stringify(links));
    if (script === 'ran') await symlink('libpq.so.5.18', join(root, 'native/lib/libpq.so.5'));

    await copyPackage(root, copy);

    expect(await readlink(join(copy, 'native/lib/libpq.so.5'))).toBe('libpq.so.5.18');
    expect(await readFile(join(copy, 'native/lib/libpq.so.5'), 'utf8')).toBe('a library');
  },
);
