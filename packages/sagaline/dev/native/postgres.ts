import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { createClient } from '../../prisma/connection.ts';
import { postgresAnswers } from '../health/checks.ts';
import { CommandFailed } from '../tools/run.ts';
import type { PostgresTools } from '../tools/postgres.ts';
import { isReachableByAll, type User } from '../tools/unprivileged.ts';
import type { NativeContext } from './context.ts';
import type { Ports } from './ports.ts';
import type { ServerSpec } from './server.ts';

/** Role, its password, and the database's name. */
export const ROLE = 'sagaline';
const DATABASE = 'sagaline';

/** The URL of a database of our server; the default of packages/sagaline/config/config.ts when the port is the standard one. */
export function databaseUrl(ports: Ports, database = DATABASE, host = '127.0.0.1'): string {
  return `postgresql://${ROLE}:${ROLE}@${host}:${ports.postgres}/${database}`;
}

/** Where its data go: below the state directory, unless the user it runs as cannot enter there. */
export async function postgresDirectory(stateDirectory: string, user: User | undefined): Promise<string> {
  if (!user || (await isReachableByAll(stateDirectory))) return join(stateDirectory, 'postgres');
  const name = createHash('sha256').update(stateDirectory).digest('hex').slice(0, 16);
  return join('/var/lib/sagaline', name);
}

/** Creates the cluster the first time. */
export async function postgresServer(
  { bin, user }: PostgresTools,
  { ports, fsync }: NativeContext,
  directory: string,
): Promise<ServerSpec> {
  const data = join(directory, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(bin, user, directory, data);
  const settings = {
    // Synchronous commit stays on: what is acknowledged survives a killed server even with fsync off.
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
    max_connections: 300,
    timezone: 'UTC',
    unix_socket_directories: '',
    listen_addresses: '127.0.0.1',
    port: ports.postgres,
  };
  return {
    name: 'postgres',
    command: join(bin, 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    user,
    answers: postgresAnswers(databaseUrl(ports, 'postgres')),
    // SIGTERM would wait for clients to leave; SIGKILL would leave shared memory behind.
    signals: { gracefully: 'SIGINT', atOnce: 'SIGQUIT' },
  };
}

async function initialise(bin: string, user: User | undefined, directory: string, data: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const password = join(directory, 'password');
  await writeFile(password, `${ROLE}\n`, { mode: 0o600 });
  if (user) {
    await chown(directory, user.uid, user.gid);
    await chown(password, user.uid, user.gid);
  }
  await runAs(user, join(bin, 'initdb'), [
    ...['-D', data, '-U', ROLE, `--pwfile=${password}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
  ]);
}

function runAs(user: User | undefined, command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...user, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new CommandFailed(`${command} ended with code ${code ?? '?'}:\n${output}`));
    });
  });
}

/** Creates our database unless it is there. */
export async function createDatabaseIfMissing(ports: Ports): Promise<void> {
  const client = createClient({ url: databaseUrl(ports, 'postgres'), applicationName: 'sagaline-stack' });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(DATABASE)}`);
  } finally {
    await client.end();
  }
}
