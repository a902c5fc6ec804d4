import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';

const FIXTURE = join(import.meta.dirname, 'fixtures/process.ts');

/** Runs the fixture; `onLine` may send signals. Resolves with what it wrote and how it ended. */
async function run(trouble: string, onLine: (line: string, kill: (signal: NodeJS.Signals) => void) => void = () => {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', FIXTURE, trouble], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const errors: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    onLine(line, (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  return { code, messages, errors: errors.join('') };
}

const stopOnceRunning = (line: string, kill: (signal: NodeJS.Signals) => void) => {
  if (line.includes('"running"')) kill('SIGTERM');
};

// A process takes a second to start, and more where two cores run every other test too.
describe.concurrent('a process', { timeout: 60_000 }, () => {
  test('closes its parts on SIGTERM, the last opened first, and ends with 0', async ({ expect }) => {
    const { code, messages } = await run('none', stopOnceRunning);
    expect(messages.filter((message) => message.startsWith('closing'))).toEqual([
      'closing consumer',
      'closing relay',
      'closing database',
    ]);
    expect(code).toBe(0);
  });

  test('that does not stop in time ends with 1, and says what hangs', async ({ expect }) => {
    const { code, messages } = await run('hangs', stopOnceRunning);
    expect(code).toBe(1);
    expect(messages.at(-1)).toBe('did not stop within 500 ms: database, relay still open');
  });

  test('ends at once on a second signal, with 1', async ({ expect }) => {
    const { code, messages } = await run('hangs', (line, kill) => {
      stopOnceRunning(line, kill);
      if (line.includes('closing consumer')) kill('SIGINT');
    });
    expect(code).toBe(1);
    expect(messages.at(-1)).toBe('received SIGINT while stopping: going at once');
  });

  test('of which a part failed drains the others and ends with 1 and the reason', async ({ expect }) => {
    const { code, messages } = await run('fails');
    expect(code).toBe(1);
    expect(messages).toContain('consumer failed: the consumer gave up');
    expect(messages).toContain('closing database');
  });

  test('closes the rest when one part cannot be closed, and ends with 1', async ({ expect }) => {
    const { code, messages } = await run('breaks', stopOnceRunning);
    expect(code).toBe(1);
    expect(messages).toEqual(expect.arrayContaining(['consumer did not close cleanly', 'closing database']));
  });

  test.each(['none', 'fails'])('whose reader is gone ends all the same (%s)', async (trouble) => {
    const child = spawn(process.execPath, ['--import', 'tsx', FIXTURE, trouble], {
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    const ended = new Promise<[number | null, string | null]>((resolve) =>
      child.once('exit', (code, signal) => resolve([code, signal])),
    );
    await new Promise((resolve) => child.once('message', resolve));
    child.stdout?.destroy();
    await new Promise((resolve) => child.stdout?.once('close', resolve));
    if (trouble === 'none') child.kill('SIGTERM');
    else child.send('fail');
    expect(await ended).toEqual([trouble === 'none' ? 0 : 1, null]);
  });

  test('that is not configured tells all problems and ends with 2', async ({ expect }) => {
    const { code, errors } = await run('misconfigured');
    expect(code).toBe(2);
    expect(errors).toMatch(/HTTP_PORT: too large\n.*API_KEYS: missing/);
    expect(errors).not.toContain('    at ');
  });

  test('that cannot start says why in words and ends with 1', async ({ expect }) => {
    const { code, errors } = await run('not migrated');
    expect([code, errors]).toEqual([1, 'cannot start: the database lacks 1_init\n']);
  });

  test('that a server leaves in the middle of its start says which, in one line, and ends with 1', async ({
    expect,
  }) => {
    const { code, errors } = await run('without Kafka');
    expect(code).toBe(1);
    expect(errors).toBe(
      'cannot start: a server that this process needs went away while it started: ' +
        'Kafka did not accept a producer: Connection error: connect ECONNREFUSED 127.0.0.1:1\n',
    );
  });
});
