/** Reading the tables of projections: they are there once a pipeline process has run, and not before. */
import { z } from 'zod';
import { Prisma } from '../prisma/generated/client.ts';
import { unavailable } from './problem.ts';

/** SQLSTATE invalid_schema_name and undefined_table: which of them depends on how a query names the table. */
const NoTable = z.object({
  driverAdapterError: z.object({ cause: z.object({ originalCode: z.enum(['3F000', '42P01']) }) }),
});

/**
 * Runs a query of `"projection_<name>"`.
 *
 * @throws Problem unavailable while no process has made the projection's tables
 */
export async function readProjection<T>(name: string, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || !NoTable.safeParse(error.meta).success) throw error;
    throw unavailable(
      `the projection ${name} has no tables yet: start a pipeline process, and repeat the request`,
      error,
    );
  }
}
