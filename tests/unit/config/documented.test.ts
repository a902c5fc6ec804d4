/** Whether the documents name every setting, and no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { declarationsOf } from '../../../packages/sagaline/app/define-app.ts';
import { VARIABLES } from '../../../packages/sagaline/config/config.ts';
import { secretsIn, variablesIn } from '../../../packages/sagaline/config/declared.ts';
import { app } from '../../support/reference.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

const named = (text: string): string[] => [...text.matchAll(/`([A-Z][A-Z0-9_]*)`/g)].map(([, name = '']) => name);
/** Names in the first column of tables. */
const namedIn = (text: string): string[] =>
  text.split('\n').flatMap((line) => named(/^\| (`[^|]*)\|/.exec(line)?.[1] ?? ''));

const [, configuration = ''] = read('README.md').split(/^## Configuration$/m);
const [settings = '', rest = ''] = configuration.split('Of the stack, and of nothing else:');
const pages = readdirSync(join(ROOT, 'docs/pipeline')).map((page) => read('docs/pipeline', page));
const declared = declarationsOf(app);
const variables = [...VARIABLES, ...variablesIn(declared), ...secretsIn(declared).map((name) => `${name}_FILE`)];

test('every variable is in the README’s table of settings, or in its page of the pipeline', () => {
  const documented = new Set([...namedIn(settings), ...pages.flatMap(named)]);
  expect(variables.filter((name) => !documented.has(name))).toEqual([]);
});

test('and the table has no other', () => {
  expect(rest).not.toBe('');
  expect(namedIn(settings).filter((name) => !variables.includes(name))).toEqual([]);
});
