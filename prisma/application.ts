/** The reference application's tables, as another application would have them: a Prisma schema, client and history of its own. */
import { PrismaPg } from '@prisma/adapter-pg';
import { type Database, groundOf } from 'sagaline';
import { PrismaClient } from './generated/client.ts';

export type ApplicationTables = PrismaClient;

const clients = new WeakMap<Database, ApplicationTables>();

/** The application's tables on the engine's connections, which are closed with the database. */
export function applicationTables(database: Database): ApplicationTables {
  const known = clients.get(database);
  if (known) return known;
  const { pool, ...options } = groundOf(database);
  const tables = new PrismaClient({ adapter: new PrismaPg(pool, options) });
  clients.set(database, tables);
  return tables;
}
