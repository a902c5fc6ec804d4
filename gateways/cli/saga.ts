/** npm run saga -- projection list | projection rebuild <name> | replay <topic>: the operator's command line. */
import { Command } from 'commander';
import { projectionCommands } from './projection-commands.ts';
import { replayCommand } from './replay-command.ts';
import { report } from './world.ts';

const program = new Command('saga').description('Look after sagas and the views of their events.');
projectionCommands(program);
replayCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
