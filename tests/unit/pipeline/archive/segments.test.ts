import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArchivedRow } from '../../../../packages/sagaline/pipeline/archive/archived-row.ts';
import { sha256Of } from '../../../../packages/sagaline/pipeline/archive/segments/digest.ts';
import {
  ManifestUnreadable,
  directoryOf,
  partPath,
  prepareDirectory,
  readManifest,
  removeSegment,
  segmentDays,
  writeManifest,
  type Manifest,
} from '../../../../packages/sagaline/pipeline/archive/segments/manifest.ts';
import { readPart, type RowFilter } from '../../../../packages/sagaline/pipeline/archive/segments/read-part.ts';
import { writePart } from '../../../../packages/sagaline/pipeline/archive/segments/write-part.ts';
import { aRow, anyRow } from './rows.ts';

const DAY = '2026-11-22';
const FILE = 'part-0001.parquet';
let archive: string;

beforeAll(async () => {
  archive = await mkdtemp(join(tmpdir(), 'archive-'));
});
afterAll(() => rm(archive, { recursive: true }));

// eslint-disable-next-line @typescript-eslint/require-await
async function* each(rows: readonly ArchivedRow[]): AsyncGenerator<ArchivedRow> {
  yield* rows;
}

async function write(rows: readonly ArchivedRow[]) {
  await prepareDirectory(archive, DAY);
  return writePart(archive, DAY, FILE, each(rows));
}

async function read(filter?: RowFilter): Promise<ArchivedRow[]> {
  const rows: ArchivedRow[] = [];
  for await (const row of readPart(partPath(archive, DAY, { file: FILE }), filter)) rows.push(row);
  return rows;
}

describe('a file', () => {
  test('gives back what was written, whatever that was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 20 }), async (rows) => {
        await write(rows);
        expect(await read()).toEqual(rows);
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  test('has its times as instants, which every reader takes for the same moment in every zone', async () => {
    await write([aRow()]);
    const { schema } = await parquetMetadataAsync(await asyncBufferFromFile(partPath(archive, DAY, { file: FILE })));
    const instants = schema.filter(({ logical_type }) => logical_type?.type === 'TIMESTAMP');
    expect(instants.map(({ name }) => name)).toEqual(['record_time', 'event_time']);
    for (const { logical_type, converted_type } of instants) {
      expect(logical_type).toEqual({ type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' });
      expect(converted_type).toBe('TIMESTAMP_MILLIS');
    }
  });

  test('is compressed, in row groups, and found by key without being read', async () => {
    const rows = Array.from({ length: 12_000 }, (_, index) => aRow({ offset: String(index), key: `u-${index}` }));
    const part = await write(rows);
    expect(part.bytes).toBeLessThan(12_000 * 30);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(partPath(archive, DAY, part)));
    expect(metadata.row_groups.map((group) => Number(group.num_rows))).toEqual([10_000, 2_000]);
    expect(metadata.row_groups[0]?.columns.every((column) => column.meta_data?.codec === 'GZIP')).toBe(true);
    expect(await read({ key: 'u-11999' })).toEqual([rows[11_999]]);
    expect(await read({ key: 'nobody' })).toEqual([]);
  }, 60_000);

  test('is read by time and type', async () => {
    const rows = [1, 2, 3, 4].map((recordTime) => aRow({ recordTime, type: recordTime % 2 ? 'odd' : 'even' }));
    await write(rows);
    expect(await read({ from: 2, to: 4 })).toEqual([rows[1], rows[2]]);
    expect(await read({ from: 2, type: 'even' })).toEqual([rows[1], rows[3]]);
  });

  test('is described: rows, size, checksum, times, offsets of each partition', async () => {
    const part = await write([
      aRow({ recordTime: 10, offset: '7' }),
      aRow({ recordTime: 20, offset: '3', partition: 1 }),
      aRow({ recordTime: 30, offset: '5' }),
    ]);
    const content = await readFile(partPath(archive, DAY, part));
    expect(part).toEqual({
      ...{ file: FILE, rows: 3, bytes: content.length, sha256: await sha256Of(partPath(archive, DAY, part)) },
      ...{ minTime: new Date(10).toISOString(), maxTime: new Date(30).toISOString() },
      positions: [
        { topic: 'user.activity', partition: 0, rows: 2, minOffset: '5', maxOffset: '7' },
        { topic: 'user.activity', partition: 1, rows: 1, minOffset: '3', maxOffset: '3' },
      ],
    });
    await truncate(partPath(archive, DAY, part), content.length - 1);
    expect(await sha256Of(partPath(archive, DAY, part))).not.toBe(part.sha256);
  });

  test('whose writing fails leaves nothing that has its name', async () => {
    await rm(directoryOf(archive, DAY), { recursive: true, force: true });
    await prepareDirectory(archive, DAY);
    async function* breaking() {
      yield* each([aRow()]);
      throw new Error('as a database would');
    }
    await expect(writePart(archive, DAY, FILE, breaking())).rejects.toThrow('as a database would');
    expect((await readdir(directoryOf(archive, DAY))).filter((name) => !name.endsWith('.tmp'))).toEqual([]);
    await prepareDirectory(archive, DAY);
    expect(await readdir(directoryOf(archive, DAY))).toEqual([]);
  });
});

describe('a manifest', () => {
  const manifest: Manifest = {
    ...{ schemaVersion: 1, segment: '2026-11-20', rows: 0, parts: [] },
    upTo: [{ topic: 'user.activity', partition: 0, offset: '12' }],
  };

  test('is read as it was written; where there is none, nothing is', async () => {
    await prepareDirectory(archive, '2026-11-20');
    await writeManifest(archive, manifest);
    expect(await readManifest(archive, '2026-11-20')).toEqual(manifest);
    expect(await readManifest(archive, '2026-11-19')).toBeUndefined();
    expect(await segmentDays(archive)).toContain('2026-11-20');
    expect(await segmentDays(join(archive, 'nowhere'))).toEqual([]);
    await removeSegment(archive, '2026-11-20');
    expect(await readManifest(archive, '2026-11-20')).toBeUndefined();
    expect(await segmentDays(archive)).not.toContain('2026-11-20');
  });

  test.each([
    ['no JSON', '{'],
    ['of a later version', JSON.stringify({ ...manifest, schemaVersion: 2, segment: '2026-11-18' })],
    ['of another day', JSON.stringify(manifest)],
    ['leading out of its folder', JSON.stringify({ ...manifest, segment: '2026-11-18', parts: [{ file: '../x' }] })],
  ])('that is %s is refused, and named', async (_, text) => {
    const directory = directoryOf(archive, '2026-11-18');
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'manifest.json'), text);
    const reading = readManifest(archive, '2026-11-18');
    await expect(reading).rejects.toThrow(ManifestUnreadable);
    await expect(reading).rejects.toThrow(join(directory, 'manifest.json'));
  });
});
