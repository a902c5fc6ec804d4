/** Why something could not be recorded or replayed, told to a person: the message is all that is printed. */
export abstract class Problem extends Error {}

/** Finding nothing is no success. */
export class NothingToReplay extends Problem {
  override readonly name = 'NothingToReplay';
}

/** Histories are only ever added to. */
export class HistoryExists extends Problem {
  override readonly name = 'HistoryExists';
  constructor(names: readonly string[]) {
    super(`histories are only ever added to, and these exist: ${names.join(', ')}`);
  }
}

/** The name of a history is none: it is a file's, and stands in messages. */
export class InvalidName extends Problem {
  override readonly name = 'InvalidName';
}

/** What is committed must not be about a real person. */
export class PersonalData extends Problem {
  override readonly name = 'PersonalData';
}

/** Sagas in flight would stop, if the code as it is were deployed. */
export class HistoriesDoNotFit extends Problem {
  override readonly name = 'HistoriesDoNotFit';
}
