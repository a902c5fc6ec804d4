import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { circlesIn, importGraph } from './import-graph.ts';

/** Which files are the application's; lint reads the same file. */
const { application } = JSON.parse(readFileSync(join(import.meta.dirname, 'application.json'), 'utf8')) as {
  application: string[];
};
const isApplication = (file: string): boolean => application.some((pattern) => new RegExp(pattern).test(file));

/** An application of tests stands for any other: it needs nothing of the reference. */
const SECOND = 'tests/support/second-app';

const graph = importGraph(['app.ts', 'workflows', 'activities', 'services', 'gateways', 'prisma', SECOND]);

test('the scanner sees what is there', () => {
  expect(graph.get('app.ts')).toContain('gateways/app/define-app.ts');
  expect(graph.get('gateways/app/run.ts')).toContain('gateways/app/start.ts');
  expect([...graph.keys()].filter((file) => isApplication(file)).length).toBeGreaterThan(50);
});

test('the engine imports nothing of the application, and neither does another application', () => {
  expect(graph.get(`${SECOND}/main.ts`)).toContain(`${SECOND}/app.ts`);
  const edges = [...graph]
    .filter(([file]) => !isApplication(file))
    .flatMap(([file, imported]) => imported.filter(isApplication).map((one) => `${file} imports ${one}`));
  expect(edges).toEqual([]);
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
