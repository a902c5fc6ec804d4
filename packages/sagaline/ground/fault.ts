import { NamespaceNotFoundError } from '@temporalio/common';
import { z } from 'zod';
import { Prisma } from '../prisma/generated/client.ts';
import { KafkaUnavailable, RecordsRefused } from '../kafka/errors.ts';

/**
 * What kind of failure an error is, which is what decides whether trying again helps:
 * - `outage`: nothing is wrong with what was asked. It may pass by itself (a server, a connection, a lock), or when an operator
 *   or a deploy mends it (a table, a permission, a namespace that is missing): hold, and try again.
 * - `content`: what was asked is refused for what it is, and always will be: a value that the server does not take.
 * - `unknown`: neither can be told, such as a TypeError of ours. Whoever has to choose needs a rule of his own.
 */
export type Fault = 'outage' | 'content' | 'unknown';

/** Reads an error and its causes, outermost first: the first that says what it is decides. */
export function faultOf(error: unknown): Fault {
  for (const cause of causesOf(error)) {
    const fault = READERS.map((read) => read(cause)).find((found) => found !== undefined);
    if (fault) return fault;
  }
  return 'unknown';
}

/**
 * What an error is by its code, for logs and dead letters: `SQLSTATE 22P05`, `gRPC 3`, or the class of the innermost error. Never its
 * message: servers quote what they refuse, which may be personal data.
 */
export function codeOf(error: unknown): string {
  const causes = causesOf(error);
  for (const cause of causes) {
    const state = sqlStateOf(cause);
    if (state) return `SQLSTATE ${state}`;
    if (isGrpc(cause)) return `gRPC ${cause.code}`;
  }
  const last = causes.at(-1);
  if (last === undefined) return typeof error;
  return 'code' in last && typeof last.code === 'string' ? `${last.name} ${last.code}` : last.name;
}

/** Drivers, clients and promises wrap each other; nobody wraps deeper than this, and a ring of causes ends here too. */
const MAX_CAUSES = 10;

/** An AggregateError (a name with two addresses, neither of which answers) stands for its first error. */
function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let at = error; at instanceof Error && causes.length < MAX_CAUSES;) {
    causes.push(at);
    at = at.cause ?? (at instanceof AggregateError ? (at.errors as unknown[])[0] : undefined);
  }
  return causes;
}

const READERS: readonly ((error: Error) => Fault | undefined)[] = [ofKafka, ofTemporal, ofPrisma, ofPostgres, ofSystem];

function ofKafka(error: Error): Fault | undefined {
  if (error instanceof KafkaUnavailable) return 'outage';
  if (!(error instanceof RecordsRefused)) return undefined;
  return REFUSED_FOR_CONTENT.has(error.code) ? 'content' : 'outage';
}

/** The others (no such topic, not allowed) are about the topic: an operator's matter. */
const REFUSED_FOR_CONTENT = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]);

/** gRPC's codes, https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;

/** Codes that say something; UNKNOWN, INTERNAL and DATA_LOSS do not. */
const GRPC: ReadonlyMap<number, Fault> = new Map<number, Fault>([
  [1, 'outage'], // CANCELLED
  [INVALID_ARGUMENT, 'content'],
  [4, 'outage'], // DEADLINE_EXCEEDED
  [7, 'outage'], // PERMISSION_DENIED
  [RESOURCE_EXHAUSTED, 'outage'],
  [9, 'outage'], // FAILED_PRECONDITION: the namespace is elsewhere at the moment
  [10, 'outage'], // ABORTED
  [11, 'content'], // OUT_OF_RANGE
  [12, 'outage'], // UNIMPLEMENTED: another version of the server
  [14, 'outage'], // UNAVAILABLE
  [16, 'outage'], // UNAUTHENTICATED
]);

/** Said with RESOURCE_EXHAUSTED, which otherwise means a rate limit, of a message above gRPC's own limit. */
const TOO_LARGE = /larger than max|message size|exceeds.*limit of/i;

/** Said with INVALID_ARGUMENT of what the namespace lacks: what is wrong is the installation. */
const NOT_SET_UP = /search attribute|namespace/i;

/** Both of the SDK's connections: grpc-js, and the native one that a worker has. */
function ofTemporal(error: Error): Fault | undefined {
  if (error instanceof NamespaceNotFoundError || error.name === 'TransportError') return 'outage';
  if (!isGrpc(error)) return undefined;
  const { code, message } = error;
  const said = 'details' in error && typeof error.details === 'string' ? `${message} ${error.details}` : message;
  if (code === RESOURCE_EXHAUSTED && TOO_LARGE.test(said)) return 'content';
  if (code === INVALID_ARGUMENT && NOT_SET_UP.test(said)) return 'outage';
  return GRPC.get(code);
}

function isGrpc(error: Error): error is Error & { readonly code: number } {
  return 'code' in error && typeof error.code === 'number' && 'metadata' in error;
}

/**
 * Prisma's codes for: cannot reach, timed out, connection closed, write conflict, no free connection, no transaction in time.
 * https://www.prisma.io/docs/orm/reference/error-reference
 */
const PRISMA_OUTAGES = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1003',
  'P1008',
  'P1010',
  'P1011',
  'P1017',
  'P2021',
  'P2022',
  'P2024',
  'P2028',
  'P2034',
  'P2037',
]);

/** What the driver adapter makes of errors without an SQLSTATE. */
const ADAPTER_OUTAGES = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TlsConnectionError',
]);

const AdapterError = z.object({
  driverAdapterError: z.object({
    cause: z.object({ kind: z.string(), originalCode: z.string().optional(), code: z.string().optional() }),
  }),
});

function ofPrisma(error: Error): Fault | undefined {
  if (error instanceof Prisma.PrismaClientInitializationError) return 'outage';
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  const adapter = adapterErrorOf(error);
  const fault = adapter && ADAPTER_OUTAGES.has(adapter.kind) ? 'outage' : ofSqlState(sqlStateOf(error));
  if (fault) return fault;
  return PRISMA_OUTAGES.has(error.code) || LOST.test(error.message) ? 'outage' : undefined;
}

function adapterErrorOf(error: Error) {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  return AdapterError.safeParse(error.meta).data?.driverAdapterError.cause;
}

/** What pg's pool says when no connection was free, and what pg says when one broke or its time was over. */
const LOST =
  /timeout exceeded when trying to connect|Connection terminated|connection timeout|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end/i;

function ofPostgres(error: Error): Fault | undefined {
  return ofSqlState(sqlStateOf(error)) ?? (LOST.test(error.message) ? 'outage' : undefined);
}

/** The SQLSTATE in an error of pg's, or of Prisma's over it. */
function sqlStateOf(error: Error): string | undefined {
  const adapter = adapterErrorOf(error);
  const isDriver = 'code' in error && 'severity' in error && typeof error.code === 'string';
  const code = adapter ? (adapter.originalCode ?? adapter.code) : isDriver ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/**
 * Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html. Content: data exceptions (22), violated constraints
 * (23, 44), program limits (54). Outage: connection (08), a plan that changed (0A, 26), a read-only or ended transaction (25),
 * authorization (28), no such database or schema (3D, 3F), rollbacks such as deadlocks (40), syntax and permissions (42: a
 * migration is missing), no room (53), locks and cancelled statements (55, 57), the system's own (58).
 */
function ofSqlState(code: string | undefined): Fault | undefined {
  if (code === undefined) return undefined;
  if (/^(22|23|44|54)/.test(code)) return 'content';
  return /^(08|0A|25|26|28|3D|3F|40|42|53|55|57|58)/.test(code) ? 'outage' : undefined;
}

const SYSTEM_OUTAGES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EMFILE',
  'ENFILE',
  'ENOSPC',
]);

/** V8's and Node's words for a text above about 512 MiB: only its content makes it so long. */
const TOO_LONG = /Invalid string length|Cannot create a string longer than|Invalid array buffer length/i;

function ofSystem(error: Error): Fault | undefined {
  if ('code' in error && typeof error.code === 'string' && SYSTEM_OUTAGES.has(error.code)) return 'outage';
  return TOO_LONG.test(error.message) ? 'content' : undefined;
}
