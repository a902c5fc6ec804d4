/** Processes of the product, as they are run elsewhere. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fetchJson } from '../../packages/sagaline/dev/fetch-json.ts';
import { untilHealthy } from '../../packages/sagaline/dev/health/wait.ts';

export interface Running {
  readonly pid: number;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 120_000;

/** @param url where it tells whether it is ready */
export async function run(file: string, environment: NodeJS.ProcessEnv, url: string): Promise<Running> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../../gateways', file)], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    await untilHealthy(() => fetchJson(`${url}/readyz`), READY_WITHIN_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, stop };
}
