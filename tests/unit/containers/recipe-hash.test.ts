import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from '../../../.ci/stand-ins/recipe-hash.ts';
import type { Recipe } from '../../../.ci/stand-ins/recipes.ts';

describe('the hash of a recipe', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sagaline-recipes-'));
    for (const name of ['base', 'server']) {
      mkdirSync(join(root, name, 'bin'), { recursive: true });
      writeFileSync(join(root, name, 'Dockerfile'), 'FROM nothing\n');
      writeFileSync(join(root, name, 'bin', 'run'), 'exit\n');
    }
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const recipe = (name: string, more: Partial<Recipe> = {}): Recipe => ({
    name,
    tag: `${name}:1`,
    folder: join(root, name),
    payload: 'p',
    needs: [],
    fetch: () => Promise.resolve({}),
    ...more,
  });
  const base = () => recipe('base');
  const hash = (more: Partial<Recipe> = {}) => hashOf(recipe('server', { from: 'base', ...more }), [base()]);

  it('stays the same while nothing changes', () => {
    expect(hash()).toBe(hash());
  });

  it.each<[string, () => void]>([
    ['a file', () => writeFileSync(join(root, 'server/bin/run'), 'exit 1\n')],
    ['the mode of a file', () => chmodSync(join(root, 'server/bin/run'), 0o755)],
    ['a file more', () => writeFileSync(join(root, 'server/bin/other'), '')],
    ['the image that it begins from', () => writeFileSync(join(root, 'base/Dockerfile'), 'FROM scratch\n')],
  ])('changes with %s', (_what, change) => {
    const before = hash();
    change();
    expect(hash()).not.toBe(before);
  });

  it('changes with the payload and the tag', () => {
    expect(new Set([hash(), hash({ payload: 'q' }), hash({ tag: 'server:2' })]).size).toBe(3);
  });
});
