/** The example of docs/participants.md is a file that is compiled, and run against a real far end (barrier.test.ts). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test('the participant in docs/participants.md is the one that the tests run, to the letter', () => {
  const [, example] = /^`activities\/deposit\.ts`:\n\n```ts\n(.*?)^```$/ms.exec(read('docs/participants.md')) ?? [];
  const tested = read('tests/integration/participants/deposit.ts');
  expect(example).toBe(tested);
});
