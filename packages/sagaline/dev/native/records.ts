/** What is remembered between `up` and `down`, in files of the state directory. */
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { STANDARD_PORTS } from './ports.ts';

const Signal = z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGKILL']);

const StartedServer = z.object({
  name: z.string(),
  pid: z.int().positive(),
  /** See process-identity.mjs: the pid may have been given to somebody else. */
  identity: z.string(),
  log: z.string(),
  gracefully: Signal,
  atOnce: Signal,
});
export type StartedServer = z.infer<typeof StartedServer>;

const StackState = z.object({
  ports: z.record(z.enum(Object.keys(STANDARD_PORTS) as (keyof typeof STANDARD_PORTS)[]), z.int()),
  /** Where PostgreSQL keeps its data: not always below the state directory. */
  postgresDirectory: z.string(),
});
export type StackState = z.infer<typeof StackState>;

const pathOf = (stateDirectory: string, name: string) => join(stateDirectory, 'run', `${name}.json`);
const stackPath = (stateDirectory: string) => join(stateDirectory, 'stack.json');

export async function writeServer(stateDirectory: string, server: StartedServer): Promise<void> {
  await mkdir(join(stateDirectory, 'run'), { recursive: true });
  await writeAtomically(pathOf(stateDirectory, server.name), server);
}

export async function removeServer(stateDirectory: string, name: string): Promise<void> {
  await rm(pathOf(stateDirectory, name), { force: true });
}

/** All servers that were started and not stopped, dead ones too; a file that cannot be read counts as none. */
export async function readServers(stateDirectory: string): Promise<StartedServer[]> {
  const files = await readdir(join(stateDirectory, 'run')).catch(() => []);
  const servers = files
    .filter((file) => file.endsWith('.json'))
    .map((file) => parseFile(join(stateDirectory, 'run', file), StartedServer));
  return servers.filter((server) => server !== undefined);
}

export async function writeStack(stateDirectory: string, state: StackState): Promise<void> {
  await mkdir(stateDirectory, { recursive: true });
  await writeAtomically(stackPath(stateDirectory), state);
}

export function readStack(stateDirectory: string): StackState | undefined {
  return parseFile(stackPath(stateDirectory), StackState);
}

async function writeAtomically(path: string, content: unknown): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`);
  await rename(`${path}.new`, path);
}

function parseFile<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
