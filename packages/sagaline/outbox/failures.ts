import type { PayloadProblem } from './check-payload.ts';

/** A service wants to record what is no valid event of its type: a bug of the service. Names paths and reasons, never values. */
export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent';
  readonly type: string;
  readonly problems: readonly PayloadProblem[];

  constructor(type: string, problems: readonly PayloadProblem[]) {
    const lines = problems.map(({ path, message }) => `${path || 'the payload'}: ${message}`);
    super(`this is no valid ${type}, and was not recorded: ${lines.join('; ')}`);
    this.type = type;
    this.problems = problems;
  }
}

/** The event id is known, with another content: two facts would become one, and the second would never be told. */
export class EventIdReused extends Error {
  override readonly name = 'EventIdReused';
  constructor(type: string, eventId: string) {
    super(
      `an event with the id ${eventId} is recorded already, with another content: give each ${type} an id of its own`,
    );
  }
}
