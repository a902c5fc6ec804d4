/** Something that must be on the machine, because Sagaline cannot install it itself. */
export interface Prerequisite {
  readonly name: string;
  readonly neededFor: string;
  /** Commands that install it, by platform. */
  readonly install: readonly string[];
  isPresent(): Promise<boolean>;
}

/** Names everything that is missing at once, each with the way to get it. */
export class MissingPrerequisites extends Error {
  override readonly name = 'MissingPrerequisites';
  /** Their names. */
  readonly missing: readonly string[];
  /** @param otherwise what else there is to do; nobody was asked about Docker unless told */
  constructor(missing: readonly Prerequisite[], otherwise: readonly string[] = [WITH_DOCKER]) {
    const lines = missing.map(
      ({ name, neededFor, install }) =>
        `  - ${name}, for ${neededFor}\n${install.map((way) => `      ${way}`).join('\n')}`,
    );
    super(
      [`The stack without Docker needs what is not on this machine:`, ...lines, ...otherwise, ELSEWHERE].join('\n'),
    );
    this.missing = missing.map(({ name }) => name);
  }
}

const WITH_DOCKER = 'Or use Docker: SAGALINE_STACK=docker.';
const ELSEWHERE =
  'Or give the addresses of servers that run elsewhere: SAGALINE_STACK=external (see README, configuration).';

/** @throws MissingPrerequisites naming all that are not there */
export async function requirePresent(prerequisites: readonly Prerequisite[]): Promise<void> {
  const missing = await missingOf(prerequisites);
  if (missing.length > 0) throw new MissingPrerequisites(missing);
}

/** Those that are not there. */
export async function missingOf(prerequisites: readonly Prerequisite[]): Promise<readonly Prerequisite[]> {
  const present = await Promise.all(prerequisites.map((prerequisite) => prerequisite.isPresent()));
  return prerequisites.filter((_, index) => !present[index]);
}
