/** npm run saga -- archive … | dead-letters … | outbox … | projection … | replay <topic>: the operator's command line. */
import { Command } from 'commander';
import { archiveCommands } from './archive-commands.ts';
import { outboxCommands } from './outbox-commands.ts';
import { deadLetterCommands } from './dead-letter-commands.ts';
import { projectionCommands } from './projection-commands.ts';
import { replayCommand } from './replay-command.ts';
import { report } from './world.ts';

const program = new Command('saga').description('Look after sagas and the views of their events.');
projectionCommands(program);
archiveCommands(program);
outboxCommands(program);
replayCommand(program);
deadLetterCommands(program);

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await program.parseAsync();
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
