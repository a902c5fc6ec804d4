/**
 * The demo in a container beside gateway and worker: plays the scenes against servers whose addresses are in the
 * environment, and ends with 0 only if every order ended as it should. `--json` prints the result for machines.
 */
import { parseArgs } from 'node:util';
import { createExternalStack, withSandbox } from 'sagaline/dev';
import { REFERENCE } from '../reference.ts';
import { performAttached } from './attached.ts';
import { verdictOf } from './report.ts';

try {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const say = (text: string) => void (values.json ? process.stderr : process.stdout).write(`${text}\n`);
  const began = Date.now();
  const addresses = withSandbox(await createExternalStack(process.env, REFERENCE).up());
  const performance = await performAttached(addresses, process.env, say);
  const { ok, text } = verdictOf(performance, Date.now() - began);
  say(text);
  if (values.json) process.stdout.write(`${JSON.stringify({ ok, addresses, ...performance })}\n`);
  process.exit(ok ? 0 : 1);
} catch (error) {
  process.stderr.write(`the demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
