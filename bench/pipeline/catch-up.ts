import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a consumer process says when it has read everything. */
export interface CaughtUp {
  readonly records: number;
  readonly ms: number;
  readonly cpuMs: number;
}

interface CatchUpOptions {
  /** `bare`, or a projection. */
  readonly name: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What `bare` reads. */
  readonly topics: readonly string[];
  readonly profiles: string | undefined;
}

/** Lets a consumer that nobody has seen before read all that is there, in a process of its own. */
export async function catchUp({ name, environment, topics, profiles }: CatchUpOptions): Promise<CaughtUp> {
  const profiling = profiles ? ['--cpu-prof', `--cpu-prof-dir=${join(profiles, name)}`] : [];
  const child = fork(join(import.meta.dirname, 'consumer-process.ts'), [name, topics.join(',')], {
    env: environment,
    execArgv: ['--import', 'tsx', ...profiling],
  });
  const ended = once(child, 'exit');
  try {
    const [answer] = (await Promise.race([once(child, 'message'), ended.then(() => [])])) as [CaughtUp?];
    if (!answer) throw new Error(`the consumer ${name} ended before it had read everything`);
    return answer;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
