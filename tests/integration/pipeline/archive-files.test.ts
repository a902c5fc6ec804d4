/** Days that are over go to files: checked, once, complete, and read as one with what is still in PostgreSQL. */
import { appendFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ExportRuns,
  InvalidDay,
  NoArchiveDirectory,
  archivedLine,
  exportArchive,
  listArchive,
  parseDay,
  readArchived,
} from '../../../packages/sagaline/cli/archive.ts';
import type { ArchivedRow } from '../../../packages/sagaline/pipeline/archive/archived-row.ts';
import { lockExports } from '../../../packages/sagaline/pipeline/archive/maintenance.ts';
import { partitionedDays } from '../../../packages/sagaline/pipeline/archive/partitions.ts';
import { SegmentDamaged } from '../../../packages/sagaline/pipeline/archive/segments/forget-day.ts';
import { directoryOf, partPath, readManifest } from '../../../packages/sagaline/pipeline/archive/segments/manifest.ts';
import type { RowFilter } from '../../../packages/sagaline/pipeline/archive/segments/read-part.ts';
import { createArchiveWorld, type ArchiveWorld, type RawRecord } from './support/archive-world.ts';

const [FIRST, SECOND, THIRD] = ['2026-11-01', '2026-11-02', '2026-11-03'] as const;
const ALL_DAYS = [FIRST, SECOND, THIRD];

let world: ArchiveWorld;
let directory: string;
let sent = 0;
/** What every reading of everything must give, as (time, key, value). */
const said: string[] = [];

beforeAll(async () => {
  world = await createArchiveWorld();
  directory = await mkdtemp(join(tmpdir(), 'archive-'));
  await world.start(world.projection);
});
afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

async function send(...records: readonly RawRecord[]): Promise<void> {
  await world.send(...records);
  sent += records.length;
  for (const { at = '', key, value } of records) said.push([at, key, value].join(' '));
  await world.applied(world.projection, sent);
}

const activity = (userId: string, at: string): RawRecord => ({
  ...{ topic: 'user.activity', key: userId, at },
  // Spaces, and a number that no parser leaves as it is: a payload comes back as it came.
  value: `{ "userId": "${userId}", "action": "viewed", "big": 12345678901234567890 }`,
});
const sayOf = (row: ArchivedRow): string =>
  [new Date(row.recordTime).toISOString(), row.key, row.payload ?? row.rawValue?.toString()].join(' ');

const deps = () => ({
  pool: world.pool,
  policy: { directory, graceMs: 60 * 60 * 1000, keepDays: undefined, keepFilesDays: undefined },
});

async function readAll(filter: RowFilter = {}): Promise<ArchivedRow[]> {
  const rows: ArchivedRow[] = [];
  expect(await readArchived(deps(), filter, (row) => void rows.push(row))).toBe(rows.length);
  return rows;
}

async function expectEverything(): Promise<void> {
  expect((await readAll()).map(sayOf)).toEqual(said.toSorted());
}

const files = async (day: string) => (await readManifest(directory, day))?.parts.map(({ rows }) => rows);

const hourOf = (day: string, hour: number, index = 0) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000 + index).toISOString();

test('without a directory, nothing is exported, and the command says what to do', async () => {
  await expect(exportArchive({ ...deps(), policy: { ...deps().policy, directory: undefined } })).rejects.toThrow(
    NoArchiveDirectory,
  );
});

test('a day goes to files when it and its grace are over, and stays in PostgreSQL', async () => {
  for (const day of ALL_DAYS) {
    await send(...Array.from({ length: 60 }, (_, index) => activity(`u-${index % 7}`, hourOf(day, index % 24, index))));
  }
  await send({ topic: 'payment.completed', key: 'o-1', value: 'no json', at: hourOf(FIRST, 3) });
  await world.maintain({ directory, graceMs: 60 * 60 * 1000 }, hourOf(THIRD, 0.5));
  expect([await files(FIRST), await files(SECOND)]).toEqual([[61], undefined]);
  await world.maintain({ directory, graceMs: 60 * 60 * 1000 }, hourOf(THIRD, 1));
  expect([await files(FIRST), await files(SECOND), await files(THIRD)]).toEqual([[61], [60], undefined]);
  expect(await world.inArchive(partitionedDays)).toEqual(expect.arrayContaining(ALL_DAYS));
  await expectEverything();
});

test('the manifest says what is in the files, and up to where', async () => {
  const manifest = await readManifest(directory, FIRST);
  expect(manifest).toMatchObject({ schemaVersion: 1, segment: FIRST, rows: 61 });
  const [part] = manifest?.parts ?? [];
  expect(part).toMatchObject({ minTime: hourOf(FIRST, 0), file: 'part-0001.parquet' });
  const counts = await world.rows<{ topic: string; partition: number; rows: number; min: string; max: string }>(
    world.projection,
    `SELECT "topic", "partition", count(*)::INT AS "rows", min("offset") AS "minOffset", max("offset") AS "maxOffset"
     FROM "events" WHERE "record_time" < '${SECOND} 00:00Z' GROUP BY 1, 2`,
  );
  expect(part?.positions).toHaveLength(counts.length);
  expect(part?.positions).toEqual(expect.arrayContaining(counts));
  const [offsets] = await world.rows<{ next: string }>(
    world.projection,
    `SELECT "next_offset" AS "next" FROM "offsets" WHERE "topic" = 'payment.completed' AND "next_offset" > 0`,
  );
  expect(manifest?.upTo.find(({ topic }) => topic === 'payment.completed')?.offset).toBe(offsets?.next);
});

test('exported again, it is as it was', async () => {
  const before = await readdir(directoryOf(directory, FIRST));
  const manifest = await readFile(join(directoryOf(directory, FIRST), 'manifest.json'), 'utf8');
  expect(await exportArchive(deps(), { day: FIRST })).toEqual([{ day: FIRST, rows: 0, files: [] }]);
  expect(await readdir(directoryOf(directory, FIRST))).toEqual(before);
  expect(await readFile(join(directoryOf(directory, FIRST), 'manifest.json'), 'utf8')).toBe(manifest);
});

describe('a late record', () => {
  test('of a day that is in both places gets a file beside', async () => {
    await send(activity('late', hourOf(FIRST, 5)));
    await expectEverything();
    await world.maintain({ directory }, hourOf('2026-11-05', 0));
    expect(await files(FIRST)).toEqual([61, 1]);
    await expectEverything();
  });

  test('of a day that is in files only, too', async () => {
    // One day a run.
    for (let run = 0; run < 3; run++) await world.maintain({ directory, keepDays: 3 }, hourOf('2026-11-06', 0));
    expect(await world.inArchive(partitionedDays)).not.toContain(FIRST);
    await expectEverything();
    await send(activity('very-late', hourOf(FIRST, 6)));
    await expectEverything();
    await world.maintain({ directory, keepDays: 3 }, hourOf('2026-11-06', 0));
    expect(await files(FIRST)).toEqual([61, 1, 1]);
    expect(await world.inArchive(partitionedDays)).not.toContain(FIRST);
    await expectEverything();
  });
});

describe('reading', () => {
  test('is by key, type and time, over files and tables as one, oldest first', async () => {
    await send(activity('u-1', hourOf('2026-11-10', 1)));
    const found = await readAll({ key: 'u-1', from: Date.parse(hourOf(SECOND, 12)) });
    const expected = said.filter((line) => line.includes(' u-1 ') && line >= hourOf(SECOND, 12)).toSorted();
    expect(found.map(sayOf)).toEqual(expected);
    expect((await readAll({ type: 'payment.completed' })).map(sayOf)).toEqual([`${hourOf(FIRST, 3)} o-1 no json`]);
    expect(await readAll({ to: Date.parse(hourOf(FIRST, 0)) })).toEqual([]);
  });

  test('writes a line of JSON a row, the payload as the producer wrote it', async () => {
    const [row] = await readAll({ key: 'late' });
    const line = row ? archivedLine({ ...row, payload: `${row.payload ?? ''}\n` }) : '';
    expect(line).not.toContain('\n');
    expect(line).toContain('12345678901234567890');
    expect(JSON.parse(line)).toMatchObject({ key: 'late', recordTime: hourOf(FIRST, 5), payload: { userId: 'late' } });
  });

  test('lists days and where their rows are', async () => {
    expect(await listArchive(deps())).toMatchObject([
      { day: FIRST, recorded: 63, inFiles: 63, inDatabase: false, files: [{ rows: 61 }, { rows: 1 }, { rows: 1 }] },
      { day: SECOND, recorded: 60, inFiles: 60 },
      { day: THIRD, recorded: 60, inFiles: 60 },
      { day: '2026-11-10', recorded: 1, inFiles: 0, inDatabase: true, files: [] },
    ]);
  });
});

test('one process exports at a time', async () => {
  await world.inArchive(async (tx) => {
    expect(await lockExports(tx)).toBe(true);
    await expect(exportArchive(deps(), { day: '2026-11-10' })).rejects.toThrow(ExportRuns);
    // Housekeeping leaves it to the other.
    await world.maintain({ directory }, hourOf('2026-11-12', 0));
    expect(await files('2026-11-10')).toBeUndefined();
  });
});

test('a day whose file is damaged is not dropped, and does not keep the others', async () => {
  const [exported] = await exportArchive(deps(), { day: '2026-11-10' });
  expect(exported).toEqual({ day: '2026-11-10', rows: 1, files: ['part-0001.parquet'] });
  await send(activity('after', hourOf('2026-11-11', 1)));
  await appendFile(partPath(directory, '2026-11-10', { file: 'part-0001.parquet' }), 'x');
  const errors: unknown[] = [];
  const logger = { info: () => undefined, error: (about: { err: unknown }) => void errors.push(about.err) };
  for (let run = 0; run < 15; run++) {
    await world.maintain({ directory, keepDays: 1 }, hourOf('2026-11-20', 0), { logger: logger });
  }
  expect(errors[0]).toBeInstanceOf(SegmentDamaged);
  expect(await world.inArchive(partitionedDays)).toEqual(['2026-11-10', '2026-11-20', '2026-11-21']);
});

test('files past their time are removed, and so are rows that never went to files', async () => {
  await send(activity('old', hourOf('2026-10-01', 1)));
  const policy = { directory, keepDays: 5, keepFilesDays: 10 };
  for (let run = 0; run < 4; run++) await world.maintain(policy, hourOf('2026-11-12', 0));
  expect(await files(FIRST)).toBeUndefined();
  expect(await files(SECOND)).toEqual([60]);
  expect((await listArchive(deps())).map(({ day, inDatabase }) => [day, inDatabase])).toEqual([
    ['2026-10-01', false],
    [FIRST, false],
    [SECOND, false],
    [THIRD, false],
    ['2026-11-10', true],
    ['2026-11-11', false],
  ]);
  expect((await readAll({ to: Date.parse(hourOf(SECOND, 0)) })).map(sayOf)).toEqual([]);
});

test('a day is written as a day', () => {
  expect(parseDay('2026-02-28')).toBe('2026-02-28');
  for (const text of ['2026-02-30', 'today', '2026-2-3', '2026-02-28T00:00Z']) {
    expect(() => parseDay(text)).toThrow(InvalidDay);
  }
});
