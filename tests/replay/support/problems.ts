import { Problem } from '../../../packages/sagaline/testing/replay/problems.ts';

/** No server, or one that does not know what it was asked for. */
export class NamespaceProblem extends Problem {
  override readonly name = 'NamespaceProblem';
}

/** Runs a command; what its author could foresee ends it with exit code 2 and one message, anything else with its stack. */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    process.exitCode = 2;
    const foreseen = error instanceof Problem || (error instanceof Error && FORESEEN.has(error.name));
    process.stderr.write(`${foreseen ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  }
}

/** Of others: their messages are for people, too. */
const FORESEEN: ReadonlySet<string> = new Set([
  'InvalidConfiguration',
  'InvalidStackSettings',
  'MissingPrerequisites',
  'ServerFailed',
]);
