/** The commands, where they cannot do what they are asked: a message, and exit code 2. */
import { test } from 'vitest';
import { runTool } from './support/run-tool.ts';

/** Nobody listens on port 1. */
const NOWHERE = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

test.concurrent.for([
  ['replay', ['--from-server'], /no Temporal server with namespace default answers at 127\.0\.0\.1:1/],
  ['replay', ['--from-server', '--limit', '0'], /--limit.*must be a number from 1 on/],
  ['replay', ['--nonsense'], /unknown option '--nonsense'/],
  ['history', ['record', 'orderSaga:o-1'], /no Temporal server/],
  ['history', ['record'], /missing required argument 'workflowId'/],
  ['history', ['record-corpus'], /only ever added to, and these exist: orderSaga-completed, /],
  ['history', ['record-corpus', '--suffix', '../x'], /a suffix is letters, digits/],
] as const)('%s %j', async ([tool, args, message], { expect }) => {
  const { code, output } = await runTool(tool, args, NOWHERE);
  expect(output).toMatch(message);
  expect(output).not.toMatch(/^ +at /m);
  expect(code).toBe(2);
});
