import { PrismaPg } from '@prisma/adapter-pg';
import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { DatabaseError, type Pool } from 'pg';

/**
 * PrismaPg that sends a migration as one script. Its own way is to cut the text at every semicolon, also inside of
 * function bodies and comments, and to go on in between as if they were statements of their own. One script is also one
 * transaction: a migration that fails leaves nothing behind.
 *
 * @param schema where the tables and the history are
 */
export function createMigrationAdapter(pool: Pool, schema: string): PrismaPg {
  const factory = new PrismaPg(pool, { schema });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    adapter.executeScript = async (script) => {
      await pool.query(script).catch(rethrow);
    };
    return adapter;
  };
  return factory;
}

/** The engine reports what it understands with its cause, and the rest as "unknown". */
function rethrow(error: unknown): never {
  if (!(error instanceof DatabaseError)) throw error;
  const { code = '', severity = 'ERROR', message, detail, column, hint } = error;
  throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint });
}
