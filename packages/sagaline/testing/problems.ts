/** Why the kit cannot test what it was asked to: told to a person, with what to do. */
export abstract class TestProblem extends Error {}

/** A step or activity that a test speaks of, and the saga does not have. */
export class UnknownStep extends TestProblem {
  override readonly name = 'UnknownStep';
}

/** The schema of an event refuses what a test says. */
export class InvalidEvent extends TestProblem {
  override readonly name = 'InvalidEvent';
}

/** A saga of another folder than the one that the tests are about. */
export class UnknownSaga extends TestProblem {
  override readonly name = 'UnknownSaga';
}

/** Two tests at once have sagas of one id. */
export class SagaIdTaken extends TestProblem {
  override readonly name = 'SagaIdTaken';
}

/** The saga's own code failed: it would wait for a deploy. */
export class SagaStuck extends TestProblem {
  override readonly name = 'SagaStuck';
}

/** Where every participant does its work, the saga does not complete: there is nothing to make a matrix of. */
export class NoWayToCompletion extends TestProblem {
  override readonly name = 'NoWayToCompletion';
}

/** A package that only tests need, and that is not installed. */
export class PackageMissing extends TestProblem {
  override readonly name = 'PackageMissing';
  constructor(name: string, neededFor: string, cause: unknown) {
    super(`${name} is not installed, which ${neededFor} needs: npm install --save-dev ${name}`, { cause });
  }
}
