/** saga archive … | dead-letters … | outbox … | projection … | replay <topic>: the operator's command line. */
import { Command } from 'commander';
import type { App } from '../app/define-app.ts';
import { archiveCommands } from './archive-commands.ts';
import { deadLetterCommands } from './dead-letter-commands.ts';
import { outboxCommands } from './outbox-commands.ts';
import { projectionCommands } from './projection-commands.ts';
import { replayCommand } from './replay-command.ts';
import { report, worldOf } from './world.ts';

/**
 * Runs one command. What goes wrong is said on standard error, and the exit code is 1 then.
 *
 * @param args without program and script
 */
export async function runCommandLine(app: App, args: readonly string[]): Promise<void> {
  const program = new Command('saga').description('Look after sagas and the views of their events.');
  const withWorld = worldOf(app);
  projectionCommands(program, withWorld);
  archiveCommands(program, withWorld);
  outboxCommands(program, withWorld);
  replayCommand(program, withWorld);
  deadLetterCommands(program, withWorld);

  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
