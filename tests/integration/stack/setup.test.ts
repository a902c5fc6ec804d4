import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { app } from '../../../app.ts';
import { migrateDatabase } from '../../../packages/sagaline/prisma/migrate.ts';
import { environmentOf } from '../../../packages/sagaline/dev/addresses.ts';
import { createExternalStack } from '../../../packages/sagaline/dev/external.ts';
import { REFERENCE } from '../../../stack/reference.ts';
import { setUp } from '../../../stack/setup.ts';
import { createTestDatabase } from '../../support/stack.ts';
import { unique } from '../../support/kafka.ts';

const APPLICATION_MIGRATIONS = fileURLToPath(app.migrations ?? '');

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the stack', () => {
  it('is external for whoever has its addresses, and can be set up twice', async () => {
    const stack = createExternalStack(environmentOf(inject('stack')), REFERENCE);
    expect(await stack.up()).toEqual(inject('stack'));
    await setUp(inject('stack'), {});
    expect(await stack.status()).toMatchObject({ ready: true });
  });

  it('has the search attributes that make the Temporal UI tell the story', async () => {
    const { address, namespace } = readConfig(environmentOf(inject('stack'))).temporal;
    const connection = await Connection.connect({ address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    await connection.close();
    expect(Object.keys(customAttributes)).toEqual(
      expect.arrayContaining(['SagaState', 'SagaStep', 'BusinessKey', 'EventId']),
    );
  });
});

describe('migrations', () => {
  it('are applied once, whoever else applies them at the same time', async () => {
    const name = unique('migrate').replaceAll('.', '_').replaceAll('-', '_');
    await query(inject('stack').databaseUrl, `CREATE DATABASE ${name}`);
    const url = new URL(inject('stack').databaseUrl);
    url.pathname = `/${name}`;

    const applied = await Promise.all(
      [1, 2, 3].map(() => migrateDatabase(url.href, { application: APPLICATION_MIGRATIONS })),
    );
    expect(applied.flat().length).toBeGreaterThan(0);
    expect(new Set(applied.flat()).size).toBe(applied.flat().length);
    const rows = await query<{ migration_name: string }>(
      url.href,
      `SELECT migration_name
       FROM (SELECT * FROM sagaline_engine._prisma_migrations UNION ALL SELECT * FROM public._prisma_migrations) AS applied
       WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    );
    expect(rows.map((row) => row.migration_name).sort()).toEqual(applied.flat().sort());
    expect(await migrateDatabase(url.href, { application: APPLICATION_MIGRATIONS })).toEqual([]);
    await query(inject('stack').databaseUrl, `DROP DATABASE ${name} WITH (FORCE)`);
  });

  it('keep function bodies whole, and a copy of the template has them', async () => {
    const { url, close } = await createTestDatabase();
    const [row] = await query<{ appended: boolean }>(
      url,
      `SELECT sagaline_engine.append_outbox('e-1', 'order.completed', 'order.completed', 'o-1', '{}', NULL, NULL) AS appended`,
    );
    expect(row).toEqual({ appended: true });
    await close();
  });
});
