import { CommanderError, type Command } from 'commander';
import { Problem } from '../../../packages/sagaline/testing/replay/problems.ts';

/** The arguments make no sense; commander has said why. */
export class UsageError extends Problem {
  override readonly name = 'UsageError';
}

/** The options of a command without sub-commands. @throws UsageError; ends the process after `--help` */
export async function parse<T extends object>(program: Command, argv: readonly string[]): Promise<T> {
  program.exitOverride();
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(argv);
    return program.opts<T>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) process.exit(0);
    throw new UsageError('see --help');
  }
}
