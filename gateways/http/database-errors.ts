import { Prisma } from '../../prisma/generated/client.ts';

/**
 * Prisma's codes for: cannot reach, timed out, connection closed, no free connection, no transaction in time.
 * https://www.prisma.io/docs/orm/reference/error-reference
 */
const UNAVAILABLE = new Set(['P1000', 'P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2037']);

/** What Node and pg say when the server is away, restarts, or has no connection left. */
const CONNECTION_LOST =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|terminat(ed|ing) (connection|unexpectedly|due)|connection timeout|shutting down|starting up|too many (clients|connections)|DatabaseNotReachable|ConnectionClosed|SocketTimeout/i;

/** Whether the same call may well succeed later, because nothing is wrong but the way to the database. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError && UNAVAILABLE.has(error.code)) return true;
  return error instanceof Error && error.name !== 'Problem' && CONNECTION_LOST.test(error.message);
}
