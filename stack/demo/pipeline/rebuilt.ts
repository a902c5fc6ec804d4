import { execFile } from 'node:child_process';
import { extname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { escapeIdentifier } from 'pg';
import { createClient } from 'sagaline/dev';
import { environmentOf } from 'sagaline/dev';
import { ActFailed, expect, type Act, type ActWorld } from './act.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');
/** TypeScript in a checkout, JavaScript in the image. */
const EXTENSION = extname(import.meta.filename);
const COMMAND = [...(EXTENSION === '.ts' ? ['--import', 'tsx'] : []), `gateways/saga${EXTENSION}`];
const SCHEMA = 'projection_statistics';

export const rebuilt: Act = {
  name: 'rebuilt',
  story: 'the statistics are built anew beside the live ones, from the first record on: equal, row by row',
  async play(world) {
    await world.until('the end of what is under way', async () => ((await isIdle(world)) ? true : undefined));
    const before = await rowsOf(world);
    const { stdout } = await saga(world, 'projection', 'rebuild', 'statistics');
    const after = await rowsOf(world);
    for (const [table, rows] of before) {
      expect(after.get(table) === rows, `table ${table} of the rebuilt view differs from the live one`);
    }
    return `${before.size} tables equal; ${stdout.trim()}`;
  },
};

/** The operator's command line, as a process of its own. */
function saga({ addresses }: ActWorld, ...args: string[]) {
  return run(process.execPath, [...COMMAND, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environmentOf(addresses) },
  });
}

async function isIdle(world: ActWorld): Promise<boolean> {
  const { stdout } = await saga(world, 'projection', 'list', '--json');
  const states = JSON.parse(stdout) as { name: string; behind: number }[];
  return states.find(({ name }) => name === 'statistics')?.behind === 0;
}

/** Every row of every table as one text, by table. */
async function rowsOf({ config }: ActWorld): Promise<Map<string, string>> {
  const client = createClient({ url: config.database.url, applicationName: 'sagaline-demo' });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      'SELECT "tablename" AS "name" FROM "pg_tables" WHERE "schemaname" = $1 AND "tablename" <> $2',
      [SCHEMA, 'offsets'],
    );
    if (tables.rows.length === 0) throw new ActFailed(`${SCHEMA} has no tables`);
    const rows = new Map<string, string>();
    for (const { name } of tables.rows) {
      const table = `${escapeIdentifier(SCHEMA)}.${escapeIdentifier(name)}`;
      const read = await client.query<{ row: string }>(`SELECT t::TEXT AS "row" FROM ${table} AS t ORDER BY 1`);
      rows.set(name, read.rows.map(({ row }) => row).join('\n'));
    }
    return rows;
  } finally {
    await client.end();
  }
}
