/** An application's own Prisma, in the database that has the engine's tables: what it would change, by Prisma's own diff. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import { types, type Pool, type QueryConfig } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { app } from '../../../app.ts';
import { migrateDatabase } from '../../../packages/sagaline/prisma/migrate.ts';
import { openSchemaEngine } from '../../../packages/sagaline/prisma/run-migrations.ts';
import { createTestPool } from '../../support/stack.ts';
import {
  createEmptyDatabase,
  createFormerDatabase,
  ENGINE_TABLES,
  type FormerDatabase,
} from './support/former-database.ts';

const OF_REFERENCE = await readFile(new URL('../../../prisma/schema.prisma', import.meta.url), 'utf8');

/** A table that has the name of one of the engine's, and one that no engine has. */
const OF_SOMEBODY = `
  datasource db {
    provider = "postgresql"
  }
  model Outbox {
    id   Int    @id @default(autoincrement())
    note String
    @@map("outbox")
  }
  model Book {
    isbn String @id
    @@map("books")
  }`;

const open: FormerDatabase[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});
async function opened(creating: Promise<FormerDatabase>): Promise<FormerDatabase> {
  const database = await creating;
  open.push(database);
  return database;
}

/**
 * Connections on which Prisma reads a catalogue. Its schema engine for WebAssembly wants single characters where PostgreSQL has its
 * internal type "char", for which Prisma's adapter has no name: it goes through as a UUID, of which a catalogue has none.
 */
function catalogueReader(pool: Pool, schema: string): PrismaPg {
  const internalChar: number = types.builtins.CHAR;
  const query = async (config: QueryConfig) => {
    const result = await pool.query(config);
    const fields = result.fields.map((field) =>
      field.dataTypeID === internalChar ? { ...field, dataTypeID: types.builtins.UUID } : field,
    );
    return { ...result, fields };
  };
  const reading = new Proxy(pool, {
    get: (target, name) => (name === 'query' ? query : (Reflect.get(target, name) as unknown)),
  });
  const connections = new PrismaPg(reading, { schema });
  const connect = connections.connect.bind(connections);
  connections.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (asked) => {
      const answer = await queryRaw(asked);
      const { Uuid, Character } = ColumnTypeEnum;
      return { ...answer, columnTypes: answer.columnTypes.map((type) => (type === Uuid ? Character : type)) };
    };
    return adapter;
  };
  return connections;
}

/** What `prisma migrate diff --from-config-datasource --to-schema --script` prints. */
async function diff({ url }: FormerDatabase, content: string, schema = 'public'): Promise<string> {
  const pool = createTestPool(url, 2);
  const engine = await openSchemaEngine(catalogueReader(pool, schema));
  const files = [{ path: 'schema.prisma', content }];
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return stdout ?? '';
  } finally {
    engine.free();
    await pool.end();
  }
}

const statements = (script: string): string[] =>
  script
    .replace(/^--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');

/** Tables that a script would drop. */
const drops = (script: string): string[] =>
  [...script.matchAll(/DROP TABLE "(?:\w+"\.")?(\w+)"/g)].map(([, table = '']) => table).sort();

describe("an application's own Prisma", () => {
  test("would have dropped the engine's tables in the former layout, where both were in one schema", async () => {
    const old = await opened(createFormerDatabase());
    expect(drops(await diff(old, OF_REFERENCE))).toEqual([...ENGINE_TABLES].sort());
  });

  test("wants nothing of the engine's dropped or changed", async () => {
    const database = await opened(createEmptyDatabase());
    await migrateDatabase(database.url, { application: fileURLToPath(app.migrations ?? '') });
    expect(statements(await diff(database, OF_REFERENCE))).toEqual([]);
  });

  test("creates a table of its own, whatever the engine's are called, and both are used", async () => {
    const database = await opened(createEmptyDatabase('my shop'));
    await migrateDatabase(database.url);
    const script = await diff(database, OF_SOMEBODY, 'my shop');
    expect(drops(script)).toEqual([]);
    const pool = createTestPool(database.url, 1);
    await pool.query(script);
    await pool.query(`INSERT INTO "outbox" ("note") VALUES ('mine')`);
    await pool.query(`SELECT sagaline_engine.append_outbox('e', 'book.sold', 'book.sold', 'b', '{}', NULL, NULL)`);
    expect((await pool.query('SELECT "note" FROM "my shop"."outbox"')).rows).toEqual([{ note: 'mine' }]);
    expect((await pool.query('SELECT "event_id" FROM sagaline_engine.outbox')).rows).toEqual([{ event_id: 'e' }]);
    await pool.end();
    expect(statements(await diff(database, OF_SOMEBODY, 'my shop'))).toEqual([]);
    expect(await migrateDatabase(database.url)).toEqual([]);
  });
});
