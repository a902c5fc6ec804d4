/** One process of the application: its output to a file, what matters of it to the terminal. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  /** The command's own file, and what it is to run. */
  readonly launcher: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: string;
  /** Lines for the terminal. */
  readonly say: (line: string) => void;
}

export interface Child {
  /** Resolves when the process is gone, with how it ended. */
  readonly ended: Promise<Ending>;
  /** In good order; at once when told so twice. */
  stop(): Promise<void>;
}

export interface Ending {
  readonly ok: boolean;
  readonly how: string;
}

export function startChild({ launcher, args, cwd, environment, log, say }: ChildOptions): Child {
  mkdirSync(dirname(log), { recursive: true });
  const output = createWriteStream(log, { flags: 'a' });
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd,
    env: environment,
    // Over the channel it learns that we are gone; see run-app.ts.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Out of the terminal's process group: Ctrl-C reaches us, and we stop it in good order.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      output.write(`${line}\n`);
      const told = forTheTerminal(line);
      if (told !== undefined) say(told);
    });
  }
  const ended = endOf(child).finally(() => output.end());
  return {
    ended,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

async function endOf(child: ChildProcess): Promise<Ending> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { ok: code === 0, how: signal ? `was ended by ${signal}` : `ended with code ${String(code)}` };
}

/** A log line of ours only when something is wrong; all that an author prints, and what kept a process from starting. */
export function forTheTerminal(line: string): string | undefined {
  if (!line.startsWith('{')) return line.trim() === '' ? undefined : line;
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: string; msg?: string; err?: { message?: string } };
    if (level === undefined) return line;
    if (!['warn', 'error', 'fatal'].includes(level)) return undefined;
    const reason = err?.message && err.message !== msg ? `: ${err.message}` : '';
    return `${level}: ${msg ?? ''}${reason}`;
  } catch {
    return line;
  }
}
