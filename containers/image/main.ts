/** The images' entry point: `docker run sagaline gateway --only http`, and so on. */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { COMMANDS } from './commands.ts';

// The kernel gives the first process of a container no signal that it does not listen to. Until the command listens, and for
// commands that never do, a signal ends the process as it does everywhere else.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
  });
}

/** TypeScript in tests, JavaScript in the image. */
const fileOf = (module: string) => new URL(`../../${module}${extname(import.meta.filename)}`, import.meta.url);

const present = Object.entries(COMMANDS).filter(([, module]) => existsSync(fileURLToPath(fileOf(module))));
const [command = '', ...rest] = process.argv.slice(2);
const chosen = present.find(([name]) => name === command);
if (chosen) {
  // The command reads its own arguments, as when it is started by itself.
  process.argv.splice(2, process.argv.length, ...rest);
  await import(fileOf(chosen[1]).href);
} else {
  process.stderr.write(`${usage(command, present)}\n`);
  process.exitCode = 2;
}

function usage(given: string, commands: readonly (readonly [string, string])[]): string {
  const names = commands.map(([name]) => name).join(', ');
  return `${given ? `there is no command ${given} in this image` : 'a command is needed'}; there are: ${names}`;
}
