/** Writes a repository from template/. Types: create.d.mts. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';

const TEMPLATE = join(import.meta.dirname, 'template');
/** npm renames or leaves out files of these names when it packs. */
const REAL_NAMES = { gitignore: '.gitignore' };
/** What Git and editors may have made before us. */
const HARMLESS = new Set(['.git', '.DS_Store', '.idea', '.vscode']);

export class CannotCreate extends Error {
  name = 'CannotCreate';
}

export async function createRepository(directory, { sagaline } = {}) {
  const root = resolve(directory);
  const name = basename(root);
  const problem = nameProblem(name);
  if (problem) throw new CannotCreate(`${name} cannot be the name of a package: ${problem}`);
  await refuseUnlessEmpty(root);
  const versions = JSON.parse(await readFile(join(import.meta.dirname, 'versions.json'), 'utf8'));
  if (sagaline) versions.sagaline = await specifierOf(sagaline);
  const values = { name, appName: appNameOf(name) };
  const files = (await filesOf(TEMPLATE)).sort();
  for (const file of files) {
    const target = join(root, realName(file));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, filled(await readFile(join(TEMPLATE, file), 'utf8'), { ...values, ...versions }, file));
  }
  return { root, files: files.map(realName) };
}

/** As npm's own rules: https://docs.npmjs.com/cli/configuring-npm/package-json#name */
export function nameProblem(name) {
  if (name.length > 214) return 'it is longer than 214 characters';
  if (!/^[a-z0-9-~][a-z0-9-._~]*$/.test(name)) {
    return 'use lower-case letters, digits and hyphens, such as my-shop';
  }
  if (name === 'node_modules' || name === 'favicon.ico' || builtinModules.includes(name)) {
    return "it is Node's own; choose another";
  }
  if (name === 'sagaline') return 'a package cannot depend on one of its own name';
  return undefined;
}

/** Part of group and schema names: a letter first, then letters, digits and hyphens. */
const appNameOf = (name) =>
  name
    .replaceAll(/[^a-z0-9-]/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63) || 'app';

async function refuseUnlessEmpty(root) {
  const entries = await readdir(root).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw new CannotCreate(`${root} cannot be used: ${error.code === 'ENOTDIR' ? 'it is a file' : error.code}`);
  });
  const inTheWay = entries.filter((entry) => !HARMLESS.has(entry));
  if (inTheWay.length === 0) return;
  throw new CannotCreate(`${root} is not empty (${inTheWay.slice(0, 3).join(', ')}): name a directory that is new`);
}

/** A path is relative to where the command is run, and not to what it makes. */
async function specifierOf(sagaline) {
  if (/^(\d|\^|~|file:|https?:)/.test(sagaline)) return sagaline;
  await stat(sagaline).catch(() => {
    throw new CannotCreate(`--sagaline ${sagaline}: neither a version nor a file that is there`);
  });
  return `file:${resolve(sagaline)}`;
}

/** `{{name}}` stands for a value. */
function filled(text, values, file) {
  return text.replaceAll(/\{\{([@a-zA-Z/-]+)\}\}/g, (_, key) => {
    if (values[key] === undefined) throw new Error(`template/${file} asks for ${key}, which nobody knows`);
    return values[key];
  });
}

const realName = (file) => join(dirname(file), REAL_NAMES[basename(file)] ?? basename(file));

async function filesOf(folder, below = '') {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) =>
      entry.isDirectory() ? filesOf(folder, join(below, entry.name)) : [join(below, entry.name)],
    ),
  );
  return found.flat();
}
