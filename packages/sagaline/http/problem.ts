/** Answers that are not a success: problem details (RFC 9457), which name the field and the reason. */
import type { Context } from 'hono';
import { z } from 'zod';
import { InvalidRecord, type InvalidReason } from '../events/invalid-record.ts';

/** What is wrong with one field: a path in the body such as `items[0].sku`, or the name of a parameter or header. */
export interface FieldProblem {
  readonly field: string;
  readonly reason: string;
}

/** Every kind of problem this API answers with: its name is the last part of `type`. */
export const PROBLEMS = {
  'nothing-accepted': { status: 400, title: 'No record of the batch is valid' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  unauthorized: { status: 401, title: 'A valid API key is needed' },
  'cross-site': { status: 403, title: 'A page of another site asks for this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'unknown-event-type': { status: 404, title: 'There is no event of this type' },
  'method-not-allowed': { status: 405, title: 'This resource does not take this method' },
  'conflicting-duplicate': { status: 409, title: 'The saga is known, with another payload' },
  'already-exists': { status: 409, title: 'It exists already, with other content' },
  'email-taken': { status: 409, title: 'Another user has this e-mail address' },
  'idempotency-key-reused': { status: 409, title: 'The idempotency key was used for another request' },
  'saga-over': { status: 409, title: 'The saga is over' },
  'saga-lost': { status: 409, title: 'The saga has no workflow any more, and no outcome' },
  'decided-otherwise': { status: 409, title: 'Somebody decided otherwise about the dead letter' },
  'letter-incomplete': { status: 409, title: 'The dead letter does not hold the whole record' },
  'not-parked': { status: 409, title: 'The step does not wait for an operator' },
  'resolved-otherwise': { status: 409, title: 'Somebody else resolved the step in another way' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'This resource does not take bodies of this type' },
  'misdirected-request': { status: 421, title: 'This gateway is not known by this name' },
  'invalid-content': { status: 422, title: 'The content is not valid' },
  'event-not-accepted': { status: 422, title: 'No saga takes events of this type' },
  'too-many-requests': { status: 429, title: 'Too many requests are in flight' },
  'internal-error': { status: 500, title: 'Something went wrong here' },
  unavailable: { status: 503, title: 'A part that this needs is not available' },
} as const;

/** The last part of a problem's `type`, `urn:sagaline:problem:<name>`. */
export type ProblemName = keyof typeof PROBLEMS;

/** What an answer says beside its kind and detail. */
export interface ProblemOptions {
  /** By field: all that is wrong. */
  readonly errors?: readonly FieldProblem[];
  /** Of the answer, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the answer, as RFC 9457 allows. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
  /** For the log, never for the caller. */
  readonly cause?: unknown;
}

/** Thrown anywhere below a route; the app's error handler turns it into the answer. `detail` is shown to the caller. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly problem: ProblemName;
  readonly errors: readonly FieldProblem[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly more: ProblemOptions['more'];

  constructor(problem: ProblemName, detail: string, { errors, headers = {}, more, cause }: ProblemOptions = {}) {
    super(detail, cause === undefined ? undefined : { cause });
    this.problem = problem;
    this.errors = errors;
    this.headers = headers;
    this.more = more;
  }
}

/** A 503 that says when to come back; never more than the caller needs to know. */
export function unavailable(what: string, cause?: unknown): Problem {
  return new Problem('unavailable', what, { headers: { 'Retry-After': '2' }, cause });
}

/** The fields that a schema refused. Reasons come from the schema and never repeat the value: it may be personal data. */
export function fieldProblems(error: z.core.$ZodError): FieldProblem[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: z.core.toDotPath([...issue.path, key]), reason: 'is not known here' }))
      : [{ field: z.core.toDotPath(issue.path), reason: issue.message }],
  );
}

/** Reasons for which the text could not be read at all; every other one is about what it says. */
const UNREADABLE: ReadonlySet<InvalidReason> = new Set(['invalid-utf8', 'invalid-json', 'too-deep', 'forbidden-key']);

/** Runs one of ingest's parsers: what would be a dead letter there is a problem here. */
export function orProblem<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidRecord)) throw error;
    const errors = error.problems.map(({ path, message }) => ({ field: path, reason: message }));
    const detail = `${error.path || 'the body'}: ${error.message}`;
    throw new Problem(UNREADABLE.has(error.reason) ? 'malformed-request' : 'invalid-content', detail, { errors });
  }
}

/** The body of an answer: problem details, RFC 9457. */
export function problemBody({ problem, message, errors, more }: Problem, requestId?: string): object {
  const { status, title } = PROBLEMS[problem];
  return {
    type: `urn:sagaline:problem:${problem}`,
    title,
    status,
    detail: message,
    ...(requestId === undefined ? {} : { instance: `urn:sagaline:request:${requestId}` }),
    ...(errors === undefined ? {} : { errors }),
    ...more,
  };
}

/** Writes a problem as the answer. */
export function answerProblem(c: Context, problem: Problem): Response {
  const body = problemBody(problem, c.get('requestId'));
  return c.body(JSON.stringify(body), PROBLEMS[problem.problem].status, {
    ...problem.headers,
    'Content-Type': 'application/problem+json',
  });
}
