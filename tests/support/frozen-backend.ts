/** A backend that is really frozen: by SIGSTOP, sent on the machine on which the server is, wherever that is. */
import { Client } from 'pg';
import { inject } from 'vitest';

/** Freezes the backend until the returned function is called. */
export async function freeze(pid: number): Promise<() => Promise<void>> {
  await signal(pid, 'STOP');
  return () => signal(pid, 'CONT');
}

async function signal(pid: number, name: string): Promise<void> {
  const client = new Client({ connectionString: inject('stack').databaseUrl });
  await client.connect();
  try {
    await client.query(`COPY (SELECT) TO PROGRAM 'cat > /dev/null; kill -${name} ${pid}'`);
  } finally {
    await client.end();
  }
}
