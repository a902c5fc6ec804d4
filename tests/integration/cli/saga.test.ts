/** npm run saga, as a process: what it prints where, how it ends, and what it says of what was mistyped. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createArchive } from '../../../packages/sagaline/pipeline/archive/archive.ts';
import { connectKafka, unique } from '../../support/kafka.ts';
import { createTestDatabase, createTestPool, testEnvironment, type TestDatabase } from '../../support/stack.ts';
import { createPipelineWorld, type PipelineWorld } from '../pipeline/support/world.ts';
import { catalogue } from '../../support/reference.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const NAMES = ['archive', 'statistics', 'behaviour', 'logs', 'search'];

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let directory: string;
/** Of which nothing was ever made. */
let empty: TestDatabase;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sagaline-cli-'));
  empty = await createTestDatabase();
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await empty.close();
});

function saga(args: readonly string[], own: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const environment = { ...process.env, ...testEnvironment({ DATABASE_URL: empty.url, ...own }) };
  return new Promise((done) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'gateways/saga.ts', ...args],
      { cwd: ROOT, env: environment },
      (error, out, err) => done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

const linesOf = ({ out }: Ended): string[] => out.split('\n').filter((line) => line !== '');
const json = (line = ''): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>;

describe('what was mistyped is said in a line, with what there is, and nothing is printed', () => {
  const never = { code: 1, out: '' };
  test.each([
    [['projection', 'rebuild', 'statistic'], `there is no projection statistic; there are ${NAMES.join(', ')}\n`],
    [['projection', 'rebuild', 'logs', '--from', 'noon'], /^"noon" is neither an offset such as 4711 nor a time/],
    [['replay', 'order.created', '--to', '2026-13-01'], /^"2026-13-01" is neither an offset/],
    [['archive', 'read', '--from', '4711'], '"4711" is no time: write it as 2026-01-31 or 2026-01-31T12:00:00Z\n'],
    [['archive', 'export'], /^ARCHIVE_DIR is not set/],
    [['archive', 'list'], /^there is no archive in this database yet: npm run pipeline makes it/],
    [['archive', 'destroy'], /unknown command 'destroy'/],
    [['outbox', 'bury', '1', '--by', 'mina'], /required option '--reason <text>' not specified/],
    [['outbox', 'bury', '1', '--by', 'mina', '--reason', ' '], '--reason: must have 1 to 200 characters\n'],
    [['outbox', 'bury', 'e-1', '--by', 'mina', '--reason', 'r'], /^"e-1" is no id of the outbox/],
    [['outbox', 'retry', '4711'], /^no event of the outbox with the id 4711 is refused by Kafka/],
    [['dead-letters', 'list', '--state', 'shut'], '--state: one of open, redriven, dismissed\n'],
    [['dead-letters', 'show', 'x'], 'no dead letter has this id\n'],
    [['dead-letters', 'redrive', '4711', '--by', 'mina'], '4711: no dead letter has this id\n'],
    [['dead-letters', 'dismiss', '1', '--by', 'mi na', '--reason', 'r'], /^--by: must be 1 to 128 letters/],
    [['projection', 'list', '--jsno'], /unknown option '--jsno'/],
  ])('%j', async (args, said) => {
    const ended = await saga(args);
    expect(ended).toMatchObject(never);
    if (typeof said === 'string') expect(ended.err).toBe(said);
    else expect(ended.err).toMatch(said);
    expect(ended.err).not.toContain('    at ');
  });

  test('a day that is none', async () => {
    const ended = await saga(['archive', 'export', '--day', '2026-02-30'], { ARCHIVE_DIR: directory });
    expect(ended).toEqual({ ...never, err: '2026-02-30 is no day: write it as 2026-01-31, in UTC\n' });
  });

  test('a setting that does not fit', async () => {
    const ended = await saga(['projection', 'list'], { ARCHIVE_KEEP_DAYS: '7' });
    expect(ended).toMatchObject(never);
    expect(ended.err).toContain('ARCHIVE_KEEP_DAYS: set ARCHIVE_DIR too');
  });
});

describe('projections', () => {
  const list = async () =>
    linesOf(await saga(['projection', 'list', '--json'])).map((line) => JSON.parse(line) as unknown);

  test('are listed, missing ones too, for people and for programs', async () => {
    const [states] = await list();
    expect(states).toEqual(
      NAMES.map((name) => ({
        ...{ name, state: 'missing', applied: 0, setAside: 0, endsBelow: [] },
        behind: expect.any(Number) as number,
        description: expect.stringMatching(/./) as string,
      })),
    );
    const told = linesOf(await saga(['projection', 'list']));
    expect(told.map((line) => line.split(/\s+/).slice(0, 2))).toEqual(NAMES.map((name) => [name, 'missing']));
  });

  test('are rebuilt: the result on standard output, the progress beside it', async () => {
    const built = await saga(['projection', 'rebuild', 'behaviour']);
    expect(built).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^behaviour is rebuilt from \d+ records, in \d+\.\d s\n$/) as string,
    });
    expect(built.err).toContain('100 %');
    const [states] = (await list()) as [{ name: string; state: string }[]];
    expect(states.find(({ name }) => name === 'behaviour')).toMatchObject({ state: 'built' });
    expect(states.find(({ name }) => name === 'logs')).toMatchObject({ state: 'missing' });
  });

  test('say what they have set aside, and begin a topic again when somebody says so', async () => {
    const aside = await saga(['projection', 'set-aside', 'behaviour', '--json']);
    expect([aside.code, aside.out]).toEqual([0, '[]\n']);
    const again = await saga(['projection', 'begin-again', 'behaviour', 'user.activity']);
    expect([again.code, again.out]).toEqual([
      0,
      expect.stringMatching(/^behaviour reads \d+ partition\(s\) of user\.activity from the beginning/),
    ]);
    const refused = await saga(['projection', 'begin-again', 'behaviour', 'service.log']);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('does not read service.log')]);
  });
});

describe('replay', () => {
  test('says of each record what it would do, as lines of JSON, and produces nothing', async () => {
    const kafka = connectKafka();
    const producer = await kafka.createProducer();
    const userId = unique('cli');
    const before = await kafka.offsetsOf('user.activity');
    await producer.send([
      { topic: 'user.activity', key: userId, value: JSON.stringify({ userId, action: 'viewed' }), headers: {} },
    ]);
    await producer.close();
    const after = await kafka.offsetsOf('user.activity');
    const { partition, high } = before.find(
      (one) => one.high !== after.find((other) => other.partition === one.partition)?.high,
    ) ?? { partition: -1, high: -1n };

    const ended = await saga(['replay', 'user.activity', '--from', String(high), '--dry-run', '--json']);
    expect(ended.code).toBe(0);
    const records = linesOf(ended).map(json);
    expect(records).toContainEqual(
      expect.objectContaining({ topic: 'user.activity', partition, offset: String(high) }),
    );
    expect(ended.err).toContain('dry run: nothing was produced');
    expect((await kafka.offsetsOf('user.activity')).find((one) => one.partition === partition)?.high).toBe(high + 1n);
  });
});

describe('the archive', () => {
  const policy = { directory: undefined, graceMs: 0, keepDays: undefined, keepFilesDays: undefined };
  const projection = { ...createArchive({ catalogue, policy, extraTopics: [] }), topics: ['user.activity'] };
  const today = () => new Date().toISOString().slice(0, 10);
  let world: PipelineWorld;
  const archive = (...args: string[]) =>
    saga(['archive', ...args], { DATABASE_URL: world.databaseUrl, ARCHIVE_DIR: directory });

  beforeAll(async () => {
    world = await createPipelineWorld({ topics: ['user.activity'] });
    await world.produce(
      ...['u-1', 'u-1', 'u-2'].map((userId) => ({
        type: 'user.activity' as const,
        payload: { userId, action: 'viewed' },
      })),
    );
    await world.start(projection);
    await world.applied(projection, 3);
  });
  afterAll(() => world.close());

  test('is listed, exported, and read back', async () => {
    expect(json(`{"days":${(await archive('list', '--json')).out}}`)).toEqual({
      days: [{ day: today(), recorded: 3, inFiles: 0, inDatabase: true, files: [] }],
    });
    expect(await archive('export')).toEqual({
      code: 0,
      out: '',
      err: 'no day is over yet; --day names one that is still going on\n',
    });
    expect((await archive('export', '--day', today())).out).toBe(`${today()}  3 records to part-0001.parquet\n`);
    expect(json((await archive('export', '--day', today(), '--json')).out)).toEqual({
      day: today(),
      rows: 0,
      files: [],
    });
    expect((await archive('list')).out).toMatch(
      /^\d{4}-\d\d-\d\d {2}3 recorded +3 in 1 file\(s\), \d+ KiB +in the database\n$/,
    );

    const read = await archive('read', '--key', 'u-1', '--type', 'user.activity', '--from', today());
    expect(read).toMatchObject({ code: 0, err: '2 record(s)\n' });
    expect(linesOf(read).map(json)).toEqual(
      [0, 1].map(
        () => expect.objectContaining({ key: 'u-1', payload: { userId: 'u-1', action: 'viewed' } }) as unknown,
      ),
    );
    expect(await archive('read', '--to', today())).toEqual({ code: 0, out: '', err: '0 record(s)\n' });
  });
});

describe('the outbox', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());
  const outbox = (...args: string[]) => saga(['outbox', ...args], { DATABASE_URL: database.url });

  test('lists what Kafka refuses, and buries it with who and why', async () => {
    expect(await outbox('list')).toEqual({ code: 0, out: 'Kafka refuses none\n', err: '' });
    const pool = createTestPool(database.url, 1);
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO "sagaline_engine"."outbox" ("event_id", "type", "topic", "key", "lane", "payload", "refused_at", "refused_code", "refusals", "retry_at")
       VALUES ('e-1', 't', 'order.completed', 'o-1', 0, '{}', now(), 'MESSAGE_TOO_LARGE', 3, now()) RETURNING "id"::TEXT`,
    );
    const id = rows[0]?.id ?? '';
    const [listed] = JSON.parse((await outbox('list', '--json')).out) as Record<string, unknown>[];
    expect(listed).toMatchObject({ id, eventId: 'e-1', code: 'MESSAGE_TOO_LARGE', refusals: 3, behind: 0 });
    expect((await outbox('list')).out).toContain('MESSAGE_TOO_LARGE, 3 times; 0 of the key wait');

    expect(await outbox('retry', id)).toMatchObject({ code: 0, out: `${id} is tried again\n` });
    expect(await outbox('bury', id, '--by', 'mina', '--reason', 'too large for any topic')).toEqual({
      code: 0,
      out: `${id} (e-1) is buried: it will not be published to order.completed\n`,
      err: '',
    });
    const buried = await pool.query(
      'SELECT "buried_by", "buried_reason", "published_at" FROM "sagaline_engine"."outbox"',
    );
    await pool.end();
    expect(buried.rows).toEqual([{ buried_by: 'mina', buried_reason: 'too large for any topic', published_at: null }]);
    expect((await outbox('bury', id, '--by', 'mina', '--reason', 'once more')).code).toBe(1);
  });
});

describe('dead letters', () => {
  test('are listed, shown, redriven and dismissed', async () => {
    const pool = createTestPool(empty.url, 1);
    const key = unique('o');
    const insert = (offset: number) =>
      pool.query<{ id: string }>(
        `INSERT INTO sagaline_engine.dead_letters (topic, partition, "offset", key, value, headers, reason, path, message, record_time)
         VALUES ('order.created', 0, $1, $2, '{}', '{}', 'unprocessable', '', 'SQLSTATE 22P05', now()) RETURNING id`,
        [offset, Buffer.from(key)],
      );
    const ids = [await insert(1), await insert(2)].map(({ rows }) => rows[0]?.id ?? '');
    await pool.end();
    const [first = '', second = ''] = ids;
    const open = async () =>
      linesOf(await saga(['dead-letters', 'list', '--key', key, '--json'])).map((line) => json(line)['id']);
    expect(await open()).toEqual([second, first]);
    expect(json((await saga(['dead-letters', 'show', first])).out)).toMatchObject({
      reason: 'unprocessable',
      state: 'open',
    });
    const redriven = await saga(['dead-letters', 'redrive', first, '--by', 'mina']);
    expect(redriven).toMatchObject({ code: 0, out: `${first} redriven, by mina\n` });
    // Somebody else, later: the same answer.
    expect((await saga(['dead-letters', 'redrive', first, '--by', 'jun'])).out).toBe(`${first} redriven, by mina\n`);
    const dismissed = await saga(['dead-letters', 'dismiss', second, '--by', 'mina', '--reason', 'sent again']);
    expect(dismissed.out).toBe(`${second} dismissed, by mina\n`);
    expect(await open()).toEqual([]);
  });
});
