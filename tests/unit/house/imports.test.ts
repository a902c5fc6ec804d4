import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { circlesIn, importGraph } from './import-graph.ts';

/** Lint reads the same file. `left`: how many imports of the application a file of the engine still has. It may only shrink. */
const { application, left } = JSON.parse(readFileSync(join(import.meta.dirname, 'application.json'), 'utf8')) as {
  application: string[];
  left: Record<string, number>;
};
const isApplication = (file: string): boolean => application.some((pattern) => new RegExp(pattern).test(file));

const graph = importGraph(['app.ts', 'workflows', 'activities', 'services', 'gateways', 'prisma']);

test('the scanner sees what is there', () => {
  expect(graph.get('app.ts')).toContain('gateways/app/define-app.ts');
  expect(graph.get('gateways/app/run.ts')).toContain('gateways/app/start.ts');
  expect([...graph.keys()].filter((file) => isApplication(file)).length).toBeGreaterThan(50);
});

test('the engine imports nothing of the application, but for what is listed as left', () => {
  const tooMany = [...graph].flatMap(([file, imported]) => {
    const edges = isApplication(file) ? [] : imported.filter(isApplication);
    return edges.length > (left[file] ?? 0) ? [{ file, edges }] : [];
  });
  expect(tooMany).toEqual([]);
});

test('no files import one another in a circle', () => {
  expect(circlesIn(graph)).toEqual([]);
});

test('a circle would be found, and told as a way', () => {
  const circle = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', []],
    ['d', ['b']],
  ]);
  expect(circlesIn(circle)).toEqual([['b', 'd', 'b']]);
});
