/** sagaline dev | stack … | new … | migrate | gateway | worker | pipeline | all-in-one | saga … */
import { ROLES } from '../app/roles.ts';
import { UserError } from './user-error.ts';

const USAGE = `sagaline <command>, in the repository of an application (app.ts, or --app <file>)

  dev [--far-end <VARIABLE>]     servers, application and its restarts while you work
  far-end [--port, --host, --file]
                                 a practice far end by itself
  stack up|down|status|env|logs  the servers alone
  new saga <name>                a saga with its events and its test
  new participant <name>         a participant with its test, and its line in app.ts

  migrate                        brings the servers to what the application needs
  gateway, worker, pipeline, all-in-one
                                 one process of the application
  saga …                         the operator's command line; saga --help
`;

/** What runs the application itself; see \`run\`. */
const OF_THE_APP: ReadonlySet<string> = new Set(['migrate', 'saga', ...ROLES]);

/**
 * Runs one command. What goes wrong is said on standard error, and the exit code is 2 for a wrong command or repository, 1 for
 * everything else.
 *
 * @param argv without program and script
 * @param launcher the file that is run to have a command run in another process
 */
export async function main(argv: readonly string[], launcher: string): Promise<void> {
  try {
    await command(argv, launcher);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(error instanceof UserError ? 2 : 1);
  }
}

// Each command loads what it needs: a name that is none is told at once.
async function command([name, ...args]: readonly string[], launcher: string): Promise<void> {
  switch (name) {
    case 'dev':
      return (await import('./dev/command.ts')).dev(args, launcher);
    case 'stack':
      return (await import('./stack.ts')).stack(args);
    case 'far-end':
      return (await import('./dev/far-end-command.ts')).farEnd(args);
    case 'new':
      return (await import('./new/command.ts')).addNew(args);
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(USAGE);
      return;
  }
  if (!OF_THE_APP.has(name)) throw new UserError(`there is no command ${name}\n\n${USAGE}`);
  return (await import('./run-app.ts')).runApp([name, ...args]);
}
