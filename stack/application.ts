import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { fetchJson, untilHealthy } from 'sagaline/dev';

const ROOT = resolve(import.meta.dirname, '..');
const READY_WITHIN_MS = 60_000;

/** A process of ours, such as gateway and worker in one, so that it can be killed while the demo looks on. */
export interface Application {
  readonly pid: () => number | undefined;
  readonly log: string;
  stop(): Promise<void>;
}

interface ApplicationOptions {
  /** Of its file in gateways/, and of its log. */
  readonly name: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Base URL of its /readyz. */
  readonly readyUrl: string;
  readonly stateDirectory: string;
  /** Told when the process died and a new one takes its place. */
  readonly onRestart: (how: string) => void;
}

/**
 * Starts a process and starts it again whenever it dies, as any process manager would: what it had begun goes on.
 *
 * @throws Error with the reason when it does not become ready
 */
export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { name, environment, readyUrl } = options;
  const log = join(options.stateDirectory, `${name}.log`);
  let stopping = false;
  let child = launch(name, environment, log);

  function supervise(): void {
    child.once('exit', (code, signal) => {
      if (stopping) return;
      options.onRestart(signal ?? `exit code ${String(code)}`);
      child = launch(name, environment, log);
      supervise();
    });
  }

  await ready(name, readyUrl, child, log);
  supervise();
  return {
    pid: () => child.pid,
    log,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function launch(name: string, environment: NodeJS.ProcessEnv, log: string): ChildProcess {
  const output = createWriteStream(log, { flags: 'a' });
  const child = spawn(process.execPath, ['--import', 'tsx', `gateways/${name}.ts`], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Out of the terminal's process group: Ctrl-C reaches the demo, which then stops it in good order.
    detached: true,
  });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  return child;
}

/** Until readiness says yes: every part of the process works. */
async function ready(name: string, readyUrl: string, child: ChildProcess, log: string): Promise<void> {
  const gone = new AbortController();
  const ended = (code: number | null, signal: NodeJS.Signals | null) =>
    gone.abort(new Error(`ended (${signal ?? `exit code ${String(code)}`})`));
  child.once('exit', ended);
  try {
    const check = async () => {
      await fetchJson(`${readyUrl}/readyz`);
    };
    await untilHealthy(check, READY_WITHIN_MS, gone.signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} is not ready: ${reason}; see ${log}`, { cause: error });
  } finally {
    child.off('exit', ended);
  }
}
