/** Why a command could not do what it was asked, told to a person: the message is all that is printed, and the exit code is 2. */
export abstract class Problem extends Error {}

/** Finding nothing is no success. */
export class NothingToReplay extends Problem {
  override readonly name = 'NothingToReplay';
}

/** No server, or one that does not know what it was asked for. */
export class NamespaceProblem extends Problem {
  override readonly name = 'NamespaceProblem';
}

/** Histories are only ever added to. */
export class HistoryExists extends Problem {
  override readonly name = 'HistoryExists';
  constructor(names: readonly string[]) {
    super(`histories are only ever added to, and these exist: ${names.join(', ')}`);
  }
}

export class InvalidName extends Problem {
  override readonly name = 'InvalidName';
}

/** What is committed must not be about a real person. */
export class PersonalData extends Problem {
  override readonly name = 'PersonalData';
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
