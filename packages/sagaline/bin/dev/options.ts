import { parseArgs } from 'node:util';
import { UserError } from '../user-error.ts';

export interface DevOptions {
  /** The variables that tell the application where its practice far end is. */
  readonly farEnd: readonly string[];
  /** Stops the servers, too. */
  readonly down: boolean;
}

const VARIABLE = /^[A-Z][A-Z0-9_]*$/;

/** @throws UserError for what nobody knows */
export function devOptionsOf(args: readonly string[]): DevOptions {
  const { 'far-end': farEnd = [], down } = parse(args);
  const wrong = farEnd.find((name) => !VARIABLE.test(name));
  if (wrong !== undefined) {
    throw new UserError(`--far-end ${wrong}: name the variable that a participant declares, such as HOTEL_URL`);
  }
  return { farEnd, down };
}

function parse(args: readonly string[]) {
  const options = { 'far-end': { type: 'string', multiple: true }, down: { type: 'boolean', default: false } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UserError(`sagaline dev: ${error instanceof Error ? error.message : String(error)}`);
  }
}
