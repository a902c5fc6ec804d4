/** Our own processes, started as a user starts them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../../../..');

export interface RunningProcess {
  readonly child: ChildProcess;
  /** Messages of the log so far. */
  readonly messages: string[];
  /** What it wrote to standard output so far. */
  output(): string;
  /** Where it listens; undefined until it does. */
  url(): string | undefined;
  /** Resolves when a line of the log says `message`; rejects when the process ends before. */
  until(message: string): Promise<void>;
  /** How it ended, and what it said on standard error. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; errors: string }>;
  kill(signal: NodeJS.Signals): void;
}

/** @param file of gateways/ */
export function startProcess(
  file: 'gateway' | 'worker' | 'all-in-one',
  environment: Record<string, string>,
  args: readonly string[] = [],
): RunningProcess {
  return startMain(`gateways/${file}.ts`, environment, args);
}

/** @param path of a main file, from the root of the project */
export function startMain(
  path: string,
  environment: Record<string, string>,
  args: readonly string[] = [],
): RunningProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, path), ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HTTP_PORT: '0', HEALTH_PORT: '0', ...environment, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const messages: string[] = [];
  const output: string[] = [];
  const errors: string[] = [];
  let url: string | undefined;
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => {
    output.push(`${line}\n`);
    // A command answers in words; what runs on logs in JSON.
    if (!line.startsWith('{')) return;
    const entry = JSON.parse(line) as { msg: string; url?: string };
    messages.push(entry.msg);
    url = entry.url ?? url;
  });
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    errors: errors.join(''),
  }));

  return {
    child,
    messages,
    output: () => output.join(''),
    url: () => url,
    ended,
    kill: (signal) => void child.kill(signal),
    until: (message) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (messages.includes(message)) resolve();
        };
        lines.on('line', look);
        look();
        void ended.then((end) => reject(new Error(`ended before "${message}": ${JSON.stringify(end)}`)));
      }),
  };
}
