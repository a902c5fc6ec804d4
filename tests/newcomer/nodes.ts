/**
 * npm run test:node -- 22 24: fetches these versions of Node and runs with each the unit tests, one folder of the integration
 * tests, and the demo. `--where 22` only says where that Node is, as a folder with bin and lib.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheDirectory } from '../../packages/sagaline/dev/tools/cache.ts';
import { NODE_22, NODE_24, type Wheels } from '../../packages/sagaline/dev/tools/downloads/pinned-wheels.ts';
import { installNode } from '../../packages/sagaline/dev/tools/node.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NODES: Readonly<Record<string, Wheels>> = { 22: NODE_22, 24: NODE_24 };

const RUNS: Readonly<Record<string, readonly string[]>> = {
  unit: ['tests/run.ts', '--project', 'unit'],
  relay: ['tests/run.ts', '--project', 'integration', 'tests/integration/relay'],
  demo: ['stack/demo/main.ts', '--once'],
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { where: { type: 'string' } } });

/** Path of a `node` of that major version: the one that runs this, or one that is fetched. */
async function nodeOf(major: string): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  return join(await folderOf(major), 'bin', 'node');
}

async function folderOf(major: string): Promise<string> {
  const wheels = NODES[major];
  if (!wheels)
    throw new Error(`Node ${major} is not pinned: ${Object.keys(NODES).join(' and ')} are, and the one that runs this`);
  return await installNode(wheels, cacheDirectory());
}

/** Runs everything with one Node and returns what came of each. */
function runAll(major: string, node: string): readonly { line: string; ok: boolean }[] {
  // What the runs start in turn finds the same Node.
  const PATH = [dirname(node), process.env.PATH ?? ''].join(delimiter);
  const env = { ...process.env, PATH, SAGALINE_STACK_NAME: `node-${major}` };
  return Object.entries(RUNS).map(([name, args]) => {
    const began = Date.now();
    process.stdout.write(`\nNode ${major}: ${args.join(' ')}\n`);
    const { status } = spawnSync(node, ['stack/bootstrap.mjs', ...args], { cwd: ROOT, env, stdio: ['ignore', 1, 2] });
    const seconds = ((Date.now() - began) / 1000).toFixed(0);
    return { line: `Node ${major} ${name}: ${status === 0 ? 'ok' : 'FAILED'} in ${seconds} s`, ok: status === 0 };
  });
}

if (values.where !== undefined) {
  process.stdout.write(`${await folderOf(values.where)}\n`);
} else {
  const results = [];
  for (const major of positionals.length > 0 ? positionals : Object.keys(NODES)) {
    results.push(...runAll(major, await nodeOf(major)));
  }
  process.stdout.write(`\n${results.map(({ line }) => line).join('\n')}\n`);
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
}
