import { z } from 'zod';
import { Prisma } from '../../prisma/generated/client.ts';

/**
 * Prisma's codes for: cannot reach, timed out, connection closed, no free connection, no transaction in time.
 * https://www.prisma.io/docs/orm/reference/error-reference
 */
const UNAVAILABLE = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2037']);

/** The same, as the driver adapter tells it beneath a raw query (P2010). */
const UNAVAILABLE_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TlsConnectionError',
]);

/** PostgreSQL: connection exceptions, no room, and operator intervention such as a shutdown. */
const UNAVAILABLE_SQLSTATE = /^(08|53|57P)/;

/** What pg's pool says when no connection was free, and what pg says when one broke. */
const LOST = /timeout exceeded when trying to connect|Connection terminated|connection timeout/i;

const AdapterError = z.object({
  driverAdapterError: z.object({
    message: z.string().default(''),
    cause: z.object({ kind: z.string(), code: z.string().optional() }),
  }),
});

/** Whether the same call may well succeed later, because nothing is wrong but the way to the database. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError))
    return error instanceof Error && LOST.test(error.message);
  if (UNAVAILABLE.has(error.code) || LOST.test(error.message)) return true;
  const meta = AdapterError.safeParse(error.meta);
  if (!meta.success) return false;
  const { kind, code = '' } = meta.data.driverAdapterError.cause;
  return UNAVAILABLE_KINDS.has(kind) || UNAVAILABLE_SQLSTATE.test(code);
}
