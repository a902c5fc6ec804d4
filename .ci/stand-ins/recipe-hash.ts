import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Recipe } from './recipes.ts';

/** Changes with whatever changes the image: its files and their modes, its payload, the image that it begins from. */
export function hashOf(recipe: Recipe, all: readonly Recipe[]): string {
  const hash = createHash('sha256');
  const { folder } = recipe;
  for (const path of filesIn(folder)) {
    const executable = (statSync(path).mode & 0o100) !== 0;
    hash.update(`${relative(folder, path)} ${executable}\n`).update(readFileSync(path));
  }
  hash.update(`\n${recipe.tag} ${recipe.payload}\n`);
  const parent = all.find(({ name }) => name === recipe.from);
  if (parent) hash.update(hashOf(parent, all));
  return hash.digest('hex').slice(0, 16);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
