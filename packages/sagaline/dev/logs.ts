import { existsSync } from 'node:fs';
import { tailOf } from './native/server.ts';
import { NoLogs, type ServerStatus } from './provider.ts';

/** The ends of the files that servers write to. @throws NoLogs when none of them has one */
export async function tailsOf(
  servers: readonly ServerStatus[],
  wanted: string | undefined,
  lines: number,
): Promise<string> {
  const files = servers.filter(({ name }) => !wanted || name === wanted).flatMap(({ log }) => log ?? []);
  const present = [...new Set(files)].filter((file) => existsSync(file));
  if (present.length === 0) throw new NoLogs(wanted ? `${wanted} has no log here` : 'there are no logs here');
  return (await Promise.all(present.map(async (file) => `==> ${file}\n${await tailOf(file, lines)}`))).join('\n');
}
