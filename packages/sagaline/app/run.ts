import { InvalidConfiguration } from '../config/config.ts';
import { runMain } from '../ground/lifecycle.ts';
import { chosenParts, environmentWith } from '../process/arguments.ts';
import { SET_UP_PARTS } from '../process/set-up.ts';
import type { App } from './define-app.ts';
import { ROLES } from './roles.ts';
import { start } from './start.ts';

/**
 * The whole main file of an application: `node main.ts <command>`.
 *
 * - `migrate [--only database,topics,search-attributes]` brings the servers to this version, and ends
 * - `gateway [--only http,consumer,relay]`, `worker`, `pipeline`, `all-in-one` run until a signal ends them
 * - `saga …` is the operator's command line; `saga --help` tells the rest
 *
 * What goes wrong is said on standard error; exit code 2 for a wrong configuration or command, 1 for everything else.
 *
 * @param argv without program and script
 * @example
 * // main.ts
 * import { run } from 'sagaline';
 * import { app } from './app.ts';
 *
 * await run(app);
 */
export async function run(app: App, argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const [command, ...args] = argv;
  // Each command loads what it needs: the operator's command line does not wait for Temporal's native core.
  if (command === 'migrate') return runMigrate(app, args);
  if (command === 'saga') {
    const { runCommandLine } = await import('../cli/command-line.ts');
    return runCommandLine(app, args);
  }
  const role = ROLES.find((one) => one === command);
  if (role) {
    return runMain(async () => {
      await start(app, role, role === 'gateway' ? environmentWith(args, process.env) : process.env);
    });
  }
  const there = ['migrate', ...ROLES, 'saga'].join(', ');
  process.stderr.write(`${command ? `there is no command ${command}` : 'a command is needed'}; there are: ${there}\n`);
  process.exitCode = 2;
}

async function runMigrate(app: App, args: readonly string[]): Promise<void> {
  const { migrate } = await import('./migrate.ts');
  try {
    const done = await migrate(app, process.env, chosenParts(args, SET_UP_PARTS));
    for (const { part, text, failed } of done) process[failed ? 'stderr' : 'stdout'].write(`${part}: ${text}\n`);
    // The migration engine leaves the timer of its lock behind, which would keep the process for ten seconds.
    process.exit(done.some(({ failed }) => failed) ? 1 : 0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof InvalidConfiguration ? 2 : 1);
  }
}
