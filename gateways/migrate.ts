/** Brings the database of DATABASE_URL to the schema of this version. */
import { migrateDatabase } from '../prisma/migrate.ts';
import { readConfig } from './config.ts';

try {
  const applied = await migrateDatabase(readConfig(process.env).database.url);
  process.stdout.write(applied.length > 0 ? `applied ${applied.join(', ')}\n` : 'nothing to apply\n');
  // The engine leaves the timer of its lock behind, which would keep the process for ten seconds.
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
