/** A database of the former layout: all tables in one schema, and one history. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { CannotStart } from '../../../packages/sagaline/ground/lifecycle.ts';
import { checkSchema } from '../../../packages/sagaline/process/check-schema.ts';
import { app } from '../../../app.ts';
import { createClient } from '../../../packages/sagaline/prisma/connection.ts';
import { createDatabase } from '../../../packages/sagaline/prisma/database.ts';
import { FORMER_MIGRATIONS, FormerProcessesRun } from '../../../packages/sagaline/prisma/former.ts';
import { migrateDatabase } from '../../../packages/sagaline/prisma/migrate.ts';
import { migrationNames } from '../../../packages/sagaline/prisma/run-migrations.ts';
import { catalogueOf } from './support/catalogue.ts';
import {
  APPLICATION_TABLES,
  createEmptyDatabase,
  createFormerDatabase,
  ENGINE_TABLES,
  fill,
  rowsOf,
  type FormerDatabase,
} from './support/former-database.ts';

const APPLICATION_MIGRATIONS = fileURLToPath(app.migrations ?? '');

const open: FormerDatabase[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});

async function former(...where: Parameters<typeof createFormerDatabase>): Promise<FormerDatabase> {
  const database = await createFormerDatabase(...where);
  open.push(database);
  await fill(database);
  return database;
}

async function empty(schema?: string): Promise<FormerDatabase> {
  const database = await createEmptyDatabase(schema);
  open.push(database);
  return database;
}

const migrate = ({ url }: FormerDatabase) => migrateDatabase(url, { application: APPLICATION_MIGRATIONS });
const historyOf = async ({ query }: FormerDatabase, schema: string) =>
  (await query<{ name: string }>(`SELECT migration_name AS "name" FROM ${schema}._prisma_migrations ORDER BY 1`)).map(
    ({ name }) => name,
  );

describe('a database of the former layout', () => {
  test('keeps every row, and is afterwards like a new one', async () => {
    const [old, anew] = [await former(), await empty()];
    const before = await rowsOf(old, 'public', [...ENGINE_TABLES, ...APPLICATION_TABLES]);
    expect(Object.values(before).every((rows, at) => rows.length > 0 || at >= ENGINE_TABLES.length)).toBe(true);
    await migrate(old);
    await migrate(anew);

    expect({
      ...(await rowsOf(old, 'sagaline_engine', ENGINE_TABLES)),
      ...(await rowsOf(old, 'public', APPLICATION_TABLES)),
    }).toEqual(before);
    expect(await catalogueOf(old, 'sagaline_engine')).toEqual(await catalogueOf(anew, 'sagaline_engine'));
    expect(await catalogueOf(old, 'public')).toEqual(await catalogueOf(anew, 'public'));
    expect(await historyOf(old, 'public')).toEqual(await migrationNames(APPLICATION_MIGRATIONS));
    expect(await historyOf(old, 'sagaline_engine')).toEqual(
      [...(await migrationNames(FORMER_MIGRATIONS)), ...(await historyOf(anew, 'sagaline_engine'))].sort(),
    );
    expect(await migrate(old)).toEqual([]);
  });

  test('goes on where it was: ids, order and notifications', async () => {
    const old = await former();
    await migrate(old);
    const append = (id: string) =>
      old.query<{ fresh: boolean }>(
        `SELECT sagaline_engine.append_outbox($1, 'order.completed', 'order.completed', 'o-done', '{}', NULL, NULL) AS "fresh"`,
        [id],
      );
    expect(await append('waiting')).toEqual([{ fresh: false }]);
    expect(await append('later')).toEqual([{ fresh: true }]);
    const ids = await old.query(`SELECT event_id AS "id" FROM sagaline_engine.outbox ORDER BY outbox.id`);
    expect(ids).toEqual(['sent', 'waiting', 'refused', 'buried', 'later'].map((id) => ({ id })));
    await old.query('DELETE FROM sagaline_engine.live_changes');
    await old.query(`UPDATE sagaline_engine.sagas SET state = 'cancelled' WHERE saga_id = 'o-undone'`);
    expect(await old.query(`SELECT data ->> 'state' AS "state" FROM sagaline_engine.live_changes`)).toEqual([
      { state: 'cancelled' },
    ]);
    expect(await old.query(`SELECT sagaline_engine.saga_lets_act('orderSaga:o-undone') AS "may"`)).toEqual([
      { may: false },
    ]);
  });

  test('in whatever schema it is, and with migrations of its own beside', async () => {
    const old = await former(FORMER_MIGRATIONS, 'my shop');
    await old.query(
      `INSERT INTO "my shop"._prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', '', '20990101000000_own', now())`,
    );
    await migrate(old);
    expect(await historyOf(old, '"my shop"')).toEqual([
      ...(await migrationNames(APPLICATION_MIGRATIONS)),
      '20990101000000_own',
    ]);
    expect(await old.query('SELECT FROM sagaline_engine.sagas')).toHaveLength(4);
    expect(await old.query('SELECT FROM "my shop".users')).toHaveLength(1);
    expect(await migrate(old)).toEqual([]);
  });

  test('is not left behind by a URL that leads to another schema', async () => {
    const old = await former();
    await old.query('CREATE SCHEMA shop');
    const elsewhere = new URL(old.url);
    elsewhere.searchParams.set('schema', 'shop');
    await expect(migrate({ ...old, url: elsewhere.href })).rejects.toThrow(/are in the schema public.*\?schema=public/);
    expect(await old.query(`SELECT FROM pg_namespace WHERE nspname = 'sagaline_engine'`)).toEqual([]);
    expect(await old.query(`SELECT FROM pg_class WHERE relnamespace = 'shop'::regnamespace`)).toEqual([]);
    await migrate(old);
    expect(await old.query('SELECT FROM sagaline_engine.sagas')).toHaveLength(4);
  });

  test('of an older version first gets what it lacks of that history', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'former-'));
    await cp(FORMER_MIGRATIONS, directory, { recursive: true });
    const last = (await migrationNames(directory)).at(-1) ?? '';
    await rm(join(directory, last), { recursive: true });
    const old = await createFormerDatabase(directory);
    open.push(old);
    await rm(directory, { recursive: true });
    expect(await migrate(old)).toContain(last);
    expect(await old.query('SELECT state FROM sagaline_engine.dead_letters')).toEqual([]);
  });

  test('stays as it is when anything fails on the way, and can be migrated again', async () => {
    const old = await former();
    const before = await catalogueOf(old, 'public');
    // The last of the tables meets another one of its name.
    await old.query('CREATE SCHEMA sagaline_engine');
    await old.query('CREATE TABLE sagaline_engine.installation_secrets ()');
    await expect(migrate(old)).rejects.toThrow(/installation_secrets/);
    expect(await catalogueOf(old, 'public')).toEqual(before);
    expect(await historyOf(old, 'public')).toEqual(await migrationNames(FORMER_MIGRATIONS));
    await old.query('DROP TABLE sagaline_engine.installation_secrets');
    await migrate(old);
    expect(await old.query('SELECT FROM sagaline_engine.installation_secrets')).toHaveLength(1);
  });

  test('is left alone while processes of the former version are connected, and they are named', async () => {
    const old = await former();
    const worker = createClient({ url: old.url, applicationName: 'sagaline-worker' });
    await worker.connect();
    const refusal = await migrate(old).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FormerProcessesRun);
    expect((refusal as Error).message).toMatch(/sagaline-worker \(pid \d+\).*nothing was changed/);
    expect(await old.query('SELECT FROM public.sagas')).toHaveLength(4);
    await worker.end();
    await expect
      .poll(() =>
        migrate(old).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });

  test('lets a process that starts in the middle wait, and then lack its history', async () => {
    const old = await former();
    const reader = createClient({ url: old.url, applicationName: 'test' });
    await reader.connect();
    await reader.query('BEGIN; SELECT FROM public.inbox');
    const migrated = migrate(old);
    const waiting = () => old.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'public.inbox'::regclass`);
    await expect.poll(waiting).toHaveLength(1);
    // What a process of the former version asks first.
    const starting = old.query(`SELECT "migration_name" FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL`);
    await expect
      .poll(() =>
        old.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'public._prisma_migrations'::regclass`),
      )
      .toHaveLength(1);
    await reader.end();
    await migrated;
    expect(await starting).toEqual([]);
  });

  test('is refused by a process of this version, which says what to do', async () => {
    const old = await former();
    const database = createDatabase({ url: old.url, poolSize: 1, acquireTimeoutMs: 5_000 });
    await expect(checkSchema(database, app)).rejects.toThrow(CannotStart);
    await expect(checkSchema(database, app)).rejects.toThrow(/lacks 20261126000000_functions.*run the command migrate/);
    await database.$disconnect();
    await migrate(old);
    const again = createDatabase({ url: old.url, poolSize: 1, acquireTimeoutMs: 5_000 });
    await checkSchema(again, app);
    await again.$disconnect();
  });

  test('migrated by three at once is migrated once', async () => {
    const old = await former();
    const applied = await Promise.all([1, 2, 3].map(() => migrate(old)));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    expect(await old.query('SELECT FROM sagaline_engine.sagas')).toHaveLength(4);
  });
});
