import { expect, test } from 'vitest';
import { circlesIn, importGraph } from './import-graph.ts';

const ENGINE = 'packages/sagaline/';
/** An application of tests stands for any other: it needs nothing of the reference. */
const SECOND = 'tests/support/second-app';
const isEngine = (file: string): boolean => file.startsWith(ENGINE);

const reference = ['app.ts', 'workflows', 'activities', 'services', 'gateways', 'prisma'];
const graph = importGraph(['packages/sagaline', ...reference, SECOND]);
const files = [...graph.keys()];

const edges = (from: (file: string) => boolean, to: (file: string) => boolean): string[] =>
  [...graph].flatMap(([file, imported]) =>
    from(file) ? imported.filter(to).map((one) => `${file} imports ${one}`) : [],
  );

test('the scanner sees what is there', () => {
  expect(graph.get('app.ts')).toContain('packages/sagaline/node.ts');
  expect(graph.get('packages/sagaline/app/run.ts')).toContain('packages/sagaline/app/start.ts');
  expect(files.filter((file) => !isEngine(file)).length).toBeGreaterThan(50);
});

test('the engine imports nothing of the application', () => {
  expect(edges(isEngine, (file) => !isEngine(file))).toEqual([]);
});

test('applications use the engine through its doors', () => {
  const isDoor = (file: string): boolean => isEngine(file) && !file.slice(ENGINE.length).includes('/');
  expect(
    edges(
      (file) => !isEngine(file),
      (file) => isEngine(file) && !isDoor(file),
    ),
  ).toEqual([]);
});

test('another application needs nothing of the reference', () => {
  expect(graph.get(`${SECOND}/main.ts`)).toContain(`${SECOND}/app.ts`);
  const isSecond = (file: string): boolean => file.startsWith(SECOND);
  expect(edges(isSecond, (file) => !isSecond(file) && !isEngine(file))).toEqual([]);
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
