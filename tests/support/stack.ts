/** The servers that integration tests share, and what a test needs of its own on them. */
import { randomUUID } from 'node:crypto';
import { Client, type Pool } from 'pg';
import { inject } from 'vitest';
import { createPool } from '../../packages/sagaline/prisma/connection.ts';
import { environmentOf, type StackAddresses } from '../../packages/sagaline/dev/addresses.ts';
import { startEphemeralStack, type EphemeralStack } from '../../stack/ephemeral.ts';
import { TEST_SETTINGS } from './stack-settings.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the servers of this test run are; only in the integration project. */
    stack: StackAddresses;
    /** A migrated, empty database to which nobody connects, to be copied. */
    templateDatabase: string;
  }
}

export interface TestDatabase {
  readonly url: string;
  /** Drops it, whoever is still connected. */
  readonly close: () => Promise<void>;
}

/**
 * A migrated database without rows for one test file: a copy of the template, so it costs no migration.
 *
 * @param options `empty`: without tables, too
 */
export async function createTestDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const { databaseUrl } = inject('stack');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(databaseUrl, `CREATE DATABASE ${name} TEMPLATE ${empty ? 'template1' : inject('templateDatabase')}`);
  // As somebody else's server may have it: nothing of ours may depend on the zone in which a database shows its times.
  await query(databaseUrl, `ALTER DATABASE ${name} SET "TimeZone" = 'Asia/Seoul'`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    close: () =>
      // The server waits some seconds for connections that are still closing; only who stays is thrown out.
      query(databaseUrl, `DROP DATABASE IF EXISTS ${name}`).catch(() =>
        query(databaseUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
      ),
  };
}

/** A pool as the processes have it; it bears that its database is dropped under a connection that is still closing. */
export function createTestPool(url: string, max: number): Pool {
  return createPool({ url, max, applicationName: 'sagaline-test' });
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/**
 * The environment for a process under test: the shared servers, with what must be its own.
 *
 * @param own variables of packages/sagaline/config/config.ts, such as DATABASE_URL, TEMPORAL_TASK_QUEUE, KAFKA_GROUP_ID, HTTP_PORT
 */
export function testEnvironment(own: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...environmentOf(inject('stack')), LOG_LEVEL: 'warn', ...own };
}

/** A whole stack of its own, for a test that stops servers or reads whole topics: seconds and a gigabyte, so rarely. */
export function startStack({ name }: { name: string }): Promise<EphemeralStack> {
  return startEphemeralStack({ name, environment: TEST_SETTINGS });
}
