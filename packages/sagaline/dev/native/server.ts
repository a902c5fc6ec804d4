/** One server process: started detached, remembered in a file, watched until it answers, stopped by what the file says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { untilHealthy, type HealthCheck } from '../health/wait.ts';
import { identityOf, isAlive } from '../process-identity.mjs';
import type { User } from '../tools/unprivileged.ts';
import { writeServer, removeServer, type StartedServer } from './records.ts';

/** How to run a server. */
export interface ServerSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: User | undefined;
  readonly answers: HealthCheck;
  /** Ends it in good order, and at once but without leaving anything behind; SIGTERM and SIGKILL by default. */
  readonly signals?: Pick<StartedServer, 'gracefully' | 'atOnce'>;
}

/** A server that ended, or did not answer in time, while it was started; the message ends with its log's end. */
export class ServerFailed extends Error {
  override readonly name = 'ServerFailed';
}

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 25;
const TAIL_LINES = 25;

/** Starts a server and resolves when it answers. @throws ServerFailed */
export async function startServer(spec: ServerSpec, stateDirectory: string): Promise<StartedServer> {
  const log = join(stateDirectory, 'logs', `${spec.name}.log`);
  const child = launch(spec, log);
  const over = new AbortController();
  const ended = endOf(child).then(async (how) => {
    over.abort();
    throw new ServerFailed(`${spec.name} ${how} while it was started; the end of ${log}:\n${await tailOf(log)}`);
  });
  ended.catch(() => undefined);
  const server = await startedServerOf(spec, child, log, ended);
  await writeServer(stateDirectory, server);
  const healthy = untilHealthy(spec.answers, START_TIMEOUT_MS, over.signal).catch(async (error: unknown) => {
    if (over.signal.aborted) return await ended;
    await stopServer(server, stateDirectory, 'atOnce');
    const detail = error instanceof Error ? error.message : String(error);
    throw new ServerFailed(
      `${spec.name} does not answer within ${START_TIMEOUT_MS} ms (${detail}); the end of ${log}:\n${await tailOf(log)}`,
      { cause: error },
    );
  });
  try {
    await Promise.race([healthy, ended]);
  } finally {
    child.unref();
  }
  return server;
}

function launch(spec: ServerSpec, log: string): ChildProcess {
  mkdirSync(join(log, '..'), { recursive: true });
  const output = openSync(log, 'a');
  try {
    return spawn(spec.command, spec.args, {
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...spec.env },
      // Its own directory, so that it keeps none busy that somebody wants to remove, and the unprivileged may enter it.
      cwd: '/',
      ...spec.user,
    });
  } finally {
    closeSync(output);
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be run (${error.message})`));
    child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with code ${code ?? '?'}`));
  });
}

async function startedServerOf(
  spec: ServerSpec,
  child: ChildProcess,
  log: string,
  ended: Promise<never>,
): Promise<StartedServer> {
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (child.pid === undefined || identity === undefined) return await ended;
  const signals = spec.signals ?? { gracefully: 'SIGTERM', atOnce: 'SIGKILL' };
  return { name: spec.name, pid: child.pid, identity, log, ...signals };
}

/** Stops a server that was started, if it, and not another process with its pid, still runs; SIGKILL if it takes too long. */
export async function stopServer(
  server: StartedServer,
  stateDirectory: string,
  how: 'gracefully' | 'atOnce',
): Promise<void> {
  if (isAlive(server)) {
    process.kill(server.pid, server[how]);
    if (!(await isGone(server, STOP_TIMEOUT_MS))) {
      process.kill(-server.pid, 'SIGKILL');
      if (!(await isGone(server, STOP_TIMEOUT_MS))) throw new Error(`${server.name} (${server.pid}) cannot be killed`);
    }
  }
  await removeServer(stateDirectory, server.name);
}

/** Waits for a process that need not be our child, so no event tells of its end. */
async function isGone(server: StartedServer, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(server)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** The last lines of a log. */
export async function tailOf(log: string, lines = TAIL_LINES): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
