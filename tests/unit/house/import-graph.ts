/** Which file imports which, read off the sources with TypeScript's own scanner: imports of types and of values alike. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** The package's doors, as the compiler finds them. */
const { compilerOptions } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'))
  .config as {
  compilerOptions: { paths: Readonly<Record<string, readonly [string]>> };
};
const DOORS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(compilerOptions.paths).map(([name, [path]]) => [name, relative('.', path)]),
);

/** Paths relative to the root, by the file that imports them. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** @param entries files and folders, relative to the root; what they import beyond packages must be among them */
export function importGraph(entries: readonly string[]): ImportGraph {
  const files = entries.flatMap((entry) => sourcesIn(join(ROOT, entry)));
  return new Map(files.map((file) => [relative(ROOT, file), importsOf(file)]));
}

function sourcesIn(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ts$/.test(name) && !/\.d\.ts$|(^|\/)(generated|dist|node_modules)\//.test(name))
    .map((name) => join(path, name));
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  const names = importedFiles.map(({ fileName }) => fileName);
  const local = names
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(ROOT, resolve(dirname(file), name)));
  const doors = names.flatMap((name) => DOORS[name] ?? []);
  return [...new Set([...local, ...doors])];
}

/** Sets of files that import one another, each told as a way from a file back to itself. */
export function circlesIn(graph: ImportGraph): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const way: string[] = [];
  function visit(file: string): void {
    const begin = way.indexOf(file);
    if (begin >= 0) return void circles.push([...way.slice(begin), file]);
    if (done.has(file)) return;
    way.push(file);
    for (const imported of graph.get(file) ?? []) visit(imported);
    way.pop();
    done.add(file);
  }
  for (const file of graph.keys()) visit(file);
  return circles;
}
