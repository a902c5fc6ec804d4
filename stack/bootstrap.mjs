/**
 * node stack/bootstrap.mjs <file.ts> [arguments]: runs a TypeScript file of ours, also on a clone on which nothing was done
 * yet. Only Node's own modules are imported before the packages are there; standard output is left to the file.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withLock } from '../packages/sagaline/dev/lock.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const OLDEST_NODE = [20, 19];

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`Sagaline needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}`);
}

/** True when node_modules holds what the lockfile says, whichever command installed it. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    // Optional packages of other platforms are in the lockfile, and rightly not on the disk.
    if (path === '' || link || (optional && !present[path])) return true;
    return present[path]?.version === version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function install() {
  process.stderr.write('installing packages (npm ci)\n');
  // npm's own chatter goes to standard error: standard output belongs to the command.
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: ROOT,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) fail(`npm ci failed${error ? `: ${error.message}` : ''}`);
}

async function prepare() {
  const ready = await withLock(
    join(ROOT, '.sagaline', 'install.lock'),
    async () => {
      if (!isInstalled()) install();
      const { generateClients } = await import('./prisma-generate.mjs');
      generateClients();
      return true;
    },
    { onWait: () => process.stderr.write('waiting for another installation\n') },
  );
  return ready;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

requireNode();
const [file, ...args] = process.argv.slice(2);
if (!file) fail('usage: node stack/bootstrap.mjs <file.ts> [arguments]');
await prepare().catch((error) => fail(error.message));

// In this very process, so that signals, exit code and pid are the command's own.
const { register } = await import('tsx/esm/api');
register();
const path = resolve(ROOT, file);
process.argv = [process.argv[0], path, ...args];
await import(pathToFileURL(path).href);
