/** Global set-up of the integration project: one native stack for all files. It ends with the test run, however that ends. */
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { startEphemeralStack } from '../../stack/ephemeral.ts';
import { TEST_SETTINGS } from './stack-settings.ts';

const TEMPLATE = 'sagaline_template';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startEphemeralStack({
    name: 'test',
    environment: TEST_SETTINGS,
    report: (message) => project.vitest.logger.log(message),
  });
  try {
    await createTemplate(stack.addresses.databaseUrl);
    project.provide('stack', stack.addresses);
    project.provide('templateDatabase', TEMPLATE);
  } catch (error) {
    await stack.down();
    throw error;
  }
  return () => stack.down();
}

async function createTemplate(databaseUrl: string): Promise<void> {
  const url = new URL(databaseUrl);
  const migrated = url.pathname.slice(1);
  url.pathname = '/postgres';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${TEMPLATE} TEMPLATE ${client.escapeIdentifier(migrated)}`);
  } finally {
    await client.end();
  }
}
