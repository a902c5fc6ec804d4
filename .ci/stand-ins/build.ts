/** Builds the stand-ins that the engine lacks, each after the one that it begins from. */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { requireAll } from './prerequisites.ts';
import { buildImage, findImage, importImage, sizeOf } from './docker.ts';
import { hashOf } from './recipe-hash.ts';
import { BASE, recipes, type Payload, type Recipe } from './recipes.ts';

export interface Result {
  readonly name: string;
  readonly tag: string;
  /** present: made before, and of the same recipe. official: an image with this tag that is none of ours, left alone. */
  readonly outcome: 'built' | 'present' | 'official';
  readonly megabytes: number;
  readonly seconds: number;
}

export interface BuilderDeps {
  readonly cache: string;
  readonly report: (message: string) => void;
}

export function createBuilder({ cache, report }: BuilderDeps) {
  const twoAtATime = pLimit(2);
  const begun = new Map<string, Promise<Result>>();

  /** @throws CannotBuild before anything is downloaded */
  async function build(wanted: readonly Recipe[]): Promise<Result[]> {
    const missing = await outdatedOf(wanted);
    await requireAll(missing);
    if (missing.length > 0) report(`stand-ins to build: ${missing.map(({ name }) => name).join(', ')}`);
    return await Promise.all(wanted.map(ensure));
  }

  function ensure(recipe: Recipe): Promise<Result> {
    const known = begun.get(recipe.name);
    if (known) return known;
    const result = ensureOnce(recipe);
    begun.set(recipe.name, result);
    return result;
  }

  async function ensureOnce(recipe: Recipe): Promise<Result> {
    const { name, tag } = recipe;
    const started = performance.now();
    const outcome = await stateOf(recipe);
    if (outcome === 'outdated') await make(recipe);
    return {
      name,
      tag,
      outcome: outcome === 'outdated' ? 'built' : outcome,
      megabytes: Math.round((await sizeOf(tag)) / 1e6),
      seconds: Math.round((performance.now() - started) / 1_000),
    };
  }

  async function make(recipe: Recipe): Promise<void> {
    const parent = recipes.find(({ name }) => name === recipe.from);
    // The download does not wait for the image that it will be laid upon.
    const [payload] = await Promise.all([recipe.fetch(cache), parent && ensure(parent)]);
    await twoAtATime(() => assemble(recipe, payload));
    report(`${recipe.tag} is built`);
  }

  return { build };
}

async function assemble(recipe: Recipe, payload: Payload): Promise<void> {
  const hash = hashOf(recipe, recipes);
  const [archive] = Object.values(payload);
  if (recipe.name === BASE && archive) return await importImage(archive, recipe.tag, hash);
  const context = await mkdtemp(join(tmpdir(), 'sagaline-stand-in-'));
  try {
    await cp(recipe.folder, context, { recursive: true });
    for (const [place, path] of Object.entries(payload)) {
      await mkdir(dirname(join(context, place)), { recursive: true });
      await cp(path, join(context, place), { recursive: true, verbatimSymlinks: true });
    }
    await buildImage({ tag: recipe.tag, recipe: hash, context });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function stateOf(recipe: Recipe): Promise<'present' | 'official' | 'outdated'> {
  const found = await findImage(recipe.tag);
  if (found.kind === 'other') return 'official';
  return found.kind === 'ours' && found.recipe === hashOf(recipe, recipes) ? 'present' : 'outdated';
}

/** Those to build, and what those begin from. */
async function outdatedOf(wanted: readonly Recipe[]): Promise<Recipe[]> {
  const outdated = new Set<Recipe>();
  const visit = async (recipe: Recipe) => {
    if ((await stateOf(recipe)) !== 'outdated') return;
    const parent = recipes.find(({ name }) => name === recipe.from);
    if (parent) await visit(parent);
    outdated.add(recipe);
  };
  for (const recipe of wanted) await visit(recipe);
  return [...outdated];
}
