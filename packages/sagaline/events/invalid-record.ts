import { storableText } from '../contracts/text.ts';

/** Why a record can never succeed. Stable codes: dead letters, metrics and HTTP answers carry them. */
export type InvalidReason =
  | 'conflicting-duplicate'
  | 'duplicate-header'
  | 'forbidden-key'
  | 'invalid-cloudevent'
  | 'invalid-header'
  | 'invalid-json'
  | 'invalid-key'
  | 'invalid-payload'
  | 'invalid-saga-id'
  | 'invalid-utf8'
  | 'key-mismatch'
  | 'saga-not-found'
  | 'tombstone'
  | 'too-deep'
  | 'too-large'
  | 'type-mismatch'
  | 'undecodable'
  | 'unknown-schema-version'
  | 'unknown-type'
  | 'unprocessable'
  | 'unsupported-characters'
  | 'unsupported-content-type'
  | 'unsupported-format';

/** One thing that is wrong, and where. Both are free of the record's own values, which may be personal data. */
export interface InvalidPart {
  /** Path in the payload such as `items[0].sku`, or a header's name; empty for the record as a whole. */
  readonly path: string;
  readonly message: string;
}

/** Longest path and message, in characters. A path can have names in it that the record made up. */
const MAX_PATH = 300;
const MAX_MESSAGE = 500;
/** Problems that are told; a megabyte can have as many as it has values. */
const MAX_PROBLEMS = 100;

function bounded({ path, message }: InvalidPart): InvalidPart {
  return { path: storableText(path, MAX_PATH), message: storableText(message, MAX_MESSAGE) };
}

/**
 * The record's own fault: it goes to the dead letters. Every other error is the world's fault, and is retried.
 * `path` and `message` tell the first problem, `problems` all of them.
 */
export class InvalidRecord extends Error {
  override readonly name = 'InvalidRecord';
  readonly reason: InvalidReason;
  readonly path: string;
  readonly problems: readonly InvalidPart[];

  constructor(reason: InvalidReason, path: string, message: string, problems: readonly InvalidPart[] = []) {
    const first = bounded({ path, message });
    super(first.message);
    this.reason = reason;
    this.path = first.path;
    this.problems = problems.length > 0 ? problems.slice(0, MAX_PROBLEMS).map(bounded) : [first];
  }
}
