import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpAnswers } from '../../../packages/sagaline/dev/health/checks.ts';
import { choosePorts } from '../../../packages/sagaline/dev/native/ports.ts';
import { readServers, writeServer } from '../../../packages/sagaline/dev/native/records.ts';
import {
  ServerFailed,
  startServer,
  stopServer,
  type ServerSpec,
} from '../../../packages/sagaline/dev/native/server.ts';
import { isAlive } from '../../../packages/sagaline/dev/process-identity.mjs';

let state: string;
let port: number;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'sagaline-server-'));
  port = (await choosePorts({})).gateway;
});
afterEach(() => rm(state, { recursive: true }));

const node = (script: string): ServerSpec => ({
  name: 'example',
  command: process.execPath,
  args: ['-e', script],
  answers: httpAnswers(`http://127.0.0.1:${port}/`),
});
const serving = () => `require('http').createServer((_, answer) => answer.end('ok')).listen(${port}, '127.0.0.1');`;

describe('a server process', () => {
  it('is recorded, answers when the start is over, and is gone after the stop', async () => {
    const record = await startServer(node(serving()), state);
    expect(isAlive(record)).toBe(true);
    expect(await readServers(state)).toEqual([record]);
    await httpAnswers(`http://127.0.0.1:${port}/`)(1_000);

    await stopServer(record, state, 'gracefully');
    expect(isAlive(record)).toBe(false);
    expect(await readServers(state)).toEqual([]);
  });

  it('that ends during the start is reported with the end of its log', async () => {
    const dying = startServer(node(`console.error('port taken, sorry'); process.exitCode = 3`), state);
    await expect(dying).rejects.toThrow(ServerFailed);
    await expect(dying).rejects.toThrow(/example ended with code 3[\s\S]*port taken, sorry/);
  });

  it('that cannot be run is reported as such', async () => {
    const missing = startServer({ ...node(''), command: join(state, 'nothing-here') }, state);
    await expect(missing).rejects.toThrow('example could not be run');
  });

  it('is never stopped by the record of an earlier process with its pid', async () => {
    const other = await startServer(node(serving()), state);
    const stale = { ...other, name: 'stale', identity: 'of an earlier process' };
    await writeServer(state, stale);

    await stopServer(stale, state, 'atOnce');
    expect(isAlive(other)).toBe(true);
    expect(existsSync(join(state, 'run', 'stale.json'))).toBe(false);
    await stopServer(other, state, 'atOnce');
  });
});
