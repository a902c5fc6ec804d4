/** What is remembered between `up` and `down`, in files of the state directory. */
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { STANDARD_PORTS } from './ports.ts';

const Signal = z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGKILL']);

const ServerRecord = z.object({
  name: z.string(),
  pid: z.int().positive(),
  /** See process-identity.mjs: the pid may have been given to somebody else. */
  identity: z.string(),
  log: z.string(),
  gracefully: Signal,
  atOnce: Signal,
});
export type ServerRecord = z.infer<typeof ServerRecord>;

const StackRecord = z.object({
  ports: z.record(z.enum(Object.keys(STANDARD_PORTS) as (keyof typeof STANDARD_PORTS)[]), z.int()),
  /** Where PostgreSQL keeps its data: not always below the state directory. */
  postgresDirectory: z.string(),
});
export type StackRecord = z.infer<typeof StackRecord>;

const pathOf = (stateDirectory: string, name: string) => join(stateDirectory, 'run', `${name}.json`);
const stackPath = (stateDirectory: string) => join(stateDirectory, 'stack.json');

export async function writeRecord(stateDirectory: string, record: ServerRecord): Promise<void> {
  await mkdir(join(stateDirectory, 'run'), { recursive: true });
  await writeAtomically(pathOf(stateDirectory, record.name), record);
}

export async function removeRecord(stateDirectory: string, name: string): Promise<void> {
  await rm(pathOf(stateDirectory, name), { force: true });
}

/** All recorded servers, dead ones too; a file that cannot be read counts as none. */
export async function readRecords(stateDirectory: string): Promise<ServerRecord[]> {
  const files = await readdir(join(stateDirectory, 'run')).catch(() => []);
  const records = files
    .filter((file) => file.endsWith('.json'))
    .map((file) => parseFile(join(stateDirectory, 'run', file), ServerRecord));
  return records.filter((record) => record !== undefined);
}

export async function writeStack(stateDirectory: string, record: StackRecord): Promise<void> {
  await mkdir(stateDirectory, { recursive: true });
  await writeAtomically(stackPath(stateDirectory), record);
}

export function readStack(stateDirectory: string): StackRecord | undefined {
  return parseFile(stackPath(stateDirectory), StackRecord);
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
