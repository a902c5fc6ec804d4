/** A repository that create-sagaline wrote, with its packages, and its commands as processes. */
import { execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createRepository } from '../../../packages/create-sagaline/create.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');
const WORKSPACE = join(ROOT, 'packages', 'sagaline');
/** A tarball of the package, which npm installs with all that it needs; the workspace of this repository unless given. */
const TARBALL = process.env.SAGALINE_TARBALL;

export interface Scaffold {
  readonly root: string;
  /** Runs one of its installed commands to its end. */
  run(command: string, ...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }>;
  /** Starts `sagaline dev`. */
  dev(args: readonly string[], environment: NodeJS.ProcessEnv): Dev;
  remove(): Promise<void>;
}

export interface Dev {
  /** Everything it said. */
  readonly said: () => string;
  /** Resolves when it has said so since the last call. */
  says(text: string, withinMs?: number): Promise<void>;
  /** As Ctrl-C does. @returns the exit code */
  interrupt(): Promise<number | null>;
  kill(): void;
}

export async function createScaffold(name: string): Promise<Scaffold> {
  const directory = await mkdtemp(join(tmpdir(), 'sagaline-scaffold-'));
  const { root } = await createRepository(join(directory, name), { sagaline: TARBALL });
  await (TARBALL ? execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], root) : link(root));
  const bin = (command: string) => join(root, 'node_modules', '.bin', command);
  return {
    root,
    run: async (command, ...args) => execute(bin(command), args, root),
    dev: (args, environment) => startDev(bin('sagaline'), ['dev', ...args], root, environment),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** The packages of this repository, as npm would lay them out. */
async function link(root: string): Promise<void> {
  const modules = join(root, 'node_modules');
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (name === 'sagaline' || name === 'create-sagaline' || name.startsWith('.')) continue;
    await linkTo(join(ROOT, 'node_modules', name), join(modules, name));
  }
  await linkTo(WORKSPACE, join(modules, 'sagaline'));
  for (const command of ['tsc', 'vitest']) {
    await linkTo(join(ROOT, 'node_modules', '.bin', command), join(modules, '.bin', command));
  }
  await linkTo(join(WORKSPACE, 'bin', 'sagaline.mjs'), join(modules, '.bin', 'sagaline'));
}

async function linkTo(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (existsSync(target)) await symlink(target, path);
}

function execute(command: string, args: readonly string[], cwd: string) {
  return new Promise<{ code: number; output: string }>((done) => {
    execFile(command, args, { cwd, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` });
    });
  });
}

function startDev(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Dev {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const told = new EventEmitter();
  let read = 0;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      told.emit('line');
    });
  }
  child.once('close', (code) => {
    lines.push(`(ended with code ${code ?? '?'})`);
    told.emit('line');
  });
  return {
    said: () => lines.join('\n'),
    async says(text, withinMs = 60_000) {
      const signal = AbortSignal.timeout(withinMs);
      for (;;) {
        const at = lines.findIndex((line, index) => index >= read && line.includes(text));
        if (at >= 0) return void (read = at + 1);
        await once(told, 'line', { signal }).catch(() => {
          throw new Error(`sagaline dev did not say "${text}" within ${withinMs} ms, but:\n${lines.join('\n')}`);
        });
      }
    },
    async interrupt() {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      return ((await ended) as [number | null])[0];
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
