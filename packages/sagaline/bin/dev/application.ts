/** The application while its author works on it: migrated, started, ready, and started again when told so. */
import { fetchJson } from '../../dev/fetch-json.ts';
import { untilHealthy } from '../../dev/health/wait.ts';
import { startChild, type Child, type ChildOptions } from './child.ts';

const READY_WITHIN_MS = 60_000;

export interface ApplicationOptions extends Pick<ChildOptions, 'launcher' | 'cwd' | 'say'> {
  readonly appFile: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly gatewayUrl: string;
  /** Of the pipeline: it serves nothing but its health. */
  readonly healthPort: number;
  readonly logOf: (name: string) => string;
  /** It is over, and nobody asked for it. */
  readonly onEnd: (what: string) => void;
}

export interface DevApplication {
  /** Stops what runs, and starts anew; resolves when it is ready, or cannot be: `onEnd` was told then. */
  restart(): Promise<boolean>;
  stop(): Promise<void>;
}

/** The processes, and what each says of its readiness. */
export function createDevApplication(options: ApplicationOptions): DevApplication {
  const { appFile, environment, gatewayUrl, healthPort, logOf, onEnd, ...common } = options;
  let running: Child[] = [];
  /** Tells a start that is under way from the one that took its place. */
  let turn = 0;
  let work: Promise<unknown> = Promise.resolve();

  const run = (command: string, name: string): Child => {
    const own = { ...environment, HEALTH_PORT: String(healthPort) };
    const child = startChild({
      ...common,
      ...{ args: [command, '--app', appFile], environment: own, log: logOf(name) },
      say: (line) => common.say(`  ${name}  ${line}`),
    });
    running.push(child);
    return child;
  };

  async function start(mine: number): Promise<boolean> {
    const migrated = await run('migrate', 'migrate').ended;
    if (mine !== turn) return false;
    running = [];
    if (!migrated.ok) {
      onEnd(`migrate ${migrated.how}`);
      return false;
    }
    const ready = await Promise.all([
      isReady(run('all-in-one', 'app'), 'the application', gatewayUrl, mine),
      isReady(run('pipeline', 'pipeline'), 'the pipeline', `http://127.0.0.1:${healthPort}`, mine),
    ]);
    return ready.every(Boolean) && mine === turn;
  }

  /** Watches the process for as long as it is the present one. */
  async function isReady(child: Child, what: string, url: string, mine: number): Promise<boolean> {
    const gone = new AbortController();
    void child.ended.then(({ how }) => {
      gone.abort();
      if (mine === turn) onEnd(`${what} ${how}`);
    });
    try {
      const check = async () => {
        await fetchJson(`${url}/readyz`);
      };
      await untilHealthy(check, READY_WITHIN_MS, gone.signal);
      return true;
    } catch (error) {
      if (!gone.signal.aborted && mine === turn) onEnd(`${what} is not ready: ${String(error)}`);
      return false;
    }
  }

  function stopAll(): Promise<unknown> {
    const children = running;
    running = [];
    return Promise.all(children.map((child) => child.stop()));
  }

  return {
    restart() {
      turn += 1;
      const mine = turn;
      // Now, whatever starts: that is not worth waiting for any more.
      const stopped = stopAll();
      // One after the other: the next one has the same ports.
      const started = work.then(async () => {
        await stopped;
        await stopAll();
        return mine === turn && (await start(mine));
      });
      work = started.catch(() => undefined);
      return started;
    },
    async stop() {
      turn += 1;
      await stopAll();
      await work;
      await stopAll();
    },
  };
}
