/** A Docker engine on this machine: the one that answers, else one of our own, where that can be had. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { withLock } from '../../../packages/sagaline/dev/lock.mjs';
import { identityOf, isAlive } from '../../../packages/sagaline/dev/process-identity.mjs';
import { run } from '../../../packages/sagaline/dev/tools/run.ts';
import { installEngine } from './install.ts';

/** Says in one line why there is no engine. */
export class NoEngine extends Error {
  override readonly name = 'NoEngine';
}

export interface EngineStatus {
  readonly version: string;
  /** True if `up` started it: `down` stops no other. */
  readonly ours: boolean;
}

export interface EngineDeps {
  /** Where the engine that we start is recorded, and logs to. */
  readonly cache: string;
  readonly report: (message: string) => void;
  /** Of dockerd. */
  readonly args?: readonly string[];
}

const recordSchema = z.object({ pid: z.number(), identity: z.string() });
type EngineRecord = z.infer<typeof recordSchema>;

const START_MS = 60_000;
const STOP_MS = 90_000;
const POLL_MS = 200;

export function createEngine({ cache, report, args = ['--storage-driver=overlay2'] }: EngineDeps) {
  const recordPath = join(cache, 'engine.json');
  const logPath = join(cache, 'engine.log');

  const locked = <T>(work: () => Promise<T>) =>
    withLock(join(cache, 'engine.lock'), work, { onWait: () => report('waiting for another start of the engine') });

  /** @throws NoEngine */
  function up(): Promise<EngineStatus> {
    return locked(async () => {
      const running = await status();
      if (running) return running;
      await installEngine(report).catch((error: unknown) => {
        throw new NoEngine(error instanceof Error ? error.message : String(error), { cause: error });
      });
      // Where there is a service manager, the installation has started it.
      return (await status()) ?? (await start());
    });
  }

  async function start(): Promise<EngineStatus> {
    await mkdir(cache, { recursive: true });
    const log = openSync(logPath, 'w');
    const child = spawn('dockerd', args, { detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    const failed = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code) => resolve(`dockerd ended with code ${code ?? 'none'}`));
    });
    const { pid } = child;
    const identity = pid === undefined ? undefined : identityOf(pid);
    if (pid !== undefined && identity !== undefined) {
      await writeFile(recordPath, JSON.stringify({ pid, identity } satisfies EngineRecord));
    }
    child.unref();
    const outcome = await Promise.race([failed, answer(pid)]);
    if (typeof outcome !== 'string') return outcome;
    throw new NoEngine(`the Docker engine does not start: ${outcome}${await lastError()}`);
  }

  async function answer(pid: number | undefined): Promise<EngineStatus | string> {
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      const version = await versionOfEngine();
      if (version) return { version, ours: true };
      await delay(POLL_MS);
    }
    if (pid !== undefined) process.kill(pid);
    return `no answer in ${START_MS / 1_000} s`;
  }

  /** The line that dockerd gives up with. */
  async function lastError(): Promise<string> {
    const lines = (await readFile(logPath, 'utf8').catch(() => '')).trim().split('\n');
    return ` (${logPath}: ${lines.at(-1)?.slice(-300) ?? ''})`;
  }

  async function status(): Promise<EngineStatus | undefined> {
    const version = await versionOfEngine();
    return version ? { version, ours: (await recorded()) !== undefined } : undefined;
  }

  /** Stops the engine if `up` started it, and says whether it did. Its containers end with it. */
  function down(): Promise<boolean> {
    return locked(async () => {
      const record = await recorded();
      if (record) await stop(record);
      await rm(recordPath, { force: true });
      return record !== undefined;
    });
  }

  /** The engine of ours that lives. */
  async function recorded(): Promise<EngineRecord | undefined> {
    const text = await readFile(recordPath, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const record = recordSchema.parse(JSON.parse(text));
    return isAlive(record) ? record : undefined;
  }

  return { up, down, status };
}

async function stop(record: EngineRecord): Promise<void> {
  process.kill(record.pid, 'SIGTERM');
  const deadline = Date.now() + STOP_MS;
  while (isAlive(record)) {
    // It would leave containers without an engine: better to say so than to kill it.
    if (Date.now() > deadline)
      throw new Error(`dockerd (${record.pid}) does not end within ${STOP_MS / 1_000} s of SIGTERM`);
    await delay(POLL_MS);
  }
}

async function versionOfEngine(): Promise<string | undefined> {
  const version = await run('docker', ['version', '--format', '{{.Server.Version}}']).catch(() => '');
  return version.trim() || undefined;
}
