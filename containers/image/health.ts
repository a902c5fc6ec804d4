/** The images' HEALTHCHECK: asks the command that runs in this container, on the port that its settings name. */
import { readdirSync, readFileSync } from 'node:fs';
import { probesOf } from './probes.ts';

const TIMEOUT_MS = 4_000;

/** Command and arguments of the entry point, which is process 1 or the child of an init process. */
function runningCommand(): string[] {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const words = commandLineOf(pid);
    const entry = words.findIndex((word) => /containers\/image\/main\.[jt]s$/.test(word));
    if (entry > 0) return words.slice(entry + 1);
  }
  return [];
}

/** Empty for a process that has just gone. */
function commandLineOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

try {
  for (const url of probesOf(runningCommand(), process.env)) {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const answer = await response.text();
    process.stdout.write(`${url} ${response.status} ${answer}\n`);
    if (!response.ok) process.exitCode = 1;
  }
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}${cause}\n`);
  process.exitCode = 1;
}
