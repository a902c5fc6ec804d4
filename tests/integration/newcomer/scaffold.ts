/** A repository that create-sagaline wrote, with its packages, and its commands as processes. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll } from 'vitest';
import { createRepository } from '../../../packages/create-sagaline/create.mjs';
import { execute, packInto, succeed, type Ended } from './pack.ts';

const PACKED = await mkdtemp(join(tmpdir(), 'sagaline-tarball-'));
afterAll(() => rm(PACKED, { recursive: true, force: true }));
/** Once for all scaffolds of a file. */
let packed: Promise<string> | undefined;

export interface Scaffold {
  readonly root: string;
  /** Runs one of its installed commands to its end. */
  run(command: string, ...args: readonly string[]): Promise<Ended>;
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

export type PackageManager = 'npm' | 'pnpm';

const INSTALL: Readonly<Record<PackageManager, readonly string[]>> = {
  npm: ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline'],
  pnpm: ['npx', '--yes', 'pnpm@10', 'install', '--prefer-offline', '--config.confirmModulesPurge=false'],
};

/** A repository in an empty directory, whose `sagaline` is the tarball that npm would publish. */
export async function createScaffold(name: string, packageManager: PackageManager = 'npm'): Promise<Scaffold> {
  const directory = await mkdtemp(join(tmpdir(), 'sagaline-scaffold-'));
  const { root } = await createRepository(join(directory, name), { sagaline: await (packed ??= packInto(PACKED)) });
  const [command = '', ...args] = INSTALL[packageManager];
  await succeed(command, args, root);
  const bin = (of: string) => join(root, 'node_modules', '.bin', of);
  return {
    root,
    run: async (of, ...own) => execute(bin(of), own, root),
    dev: (own, environment) => startDev(bin('sagaline'), ['dev', ...own], root, environment),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
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
