/** The tables of logs on a real PostgreSQL, whatever the batches and turns, and the bursts against a naive model. */
import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { createLogs } from '../../../gateways/pipeline/logs/projection.ts';
import { recordOf } from '../../support/recorded-events.ts';
import { createTestDatabase, createTestPool, type TestDatabase } from '../../support/stack.ts';
import { anyWay, tablesBy, tablesByMembers, wholeLogs, type Log } from './support/same-tables.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const burst = { threshold: 3, windowMs: 100 };
const TENTH = 10;
const projection = createLogs({ retentionMs: 1e12, burst });

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 8);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

const line = fc.record({
  service: fc.constantFrom('a', 'b'),
  level: fc.constantFrom('info', 'error', 'error', 'fatal'),
  // Bursts, pauses that join and pauses that part them.
  time: fc.tuple(fc.constantFrom(0, 450, 1_200), fc.nat({ max: 250 })).map(([base, after]) => NOON + base + after),
});

/** A producer that gives no keys: the lines of a service are in several partitions. */
const logs = fc.tuple(
  ...[0, 1, 2].map((partition) =>
    fc
      .array(line, { maxLength: 25 })
      .map((all) =>
        all.map(({ time, ...rest }, offset): ConsumedRecord =>
          recordOf('service.log', { ...rest, message: 'm', attributes: { n: offset } }, { partition, offset, time }),
        ),
      ),
  ),
);
const logsAndWay = logs.chain((all) => fc.tuple(fc.constant(all), anyWay(all)));

describe('the tables of logs', () => {
  test('do not depend on batches, nor on which partition comes first', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        expect(await tablesBy(pool, projection, way)).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
      }),
      { numRuns: 20 },
    );
  });

  test('are the same when members apply all partitions at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        expect(await tablesByMembers(pool, projection, way)).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
      }),
      { numRuns: 20 },
    );
  });

  test('have the bursts that a naive count finds, and some there are', async () => {
    let bursts = 0;
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        const rows = (await tablesBy(pool, projection, way))['bursts']?.map((row) => JSON.parse(row) as object) ?? [];
        const expected = burstsOf(all);
        expect(rows).toHaveLength(expected.length);
        expect(rows).toEqual(expect.arrayContaining(expected));
        bursts += rows.length;
      }),
      { numRuns: 30 },
    );
    expect(bursts).toBeGreaterThan(10);
  });
});

/** Looks at every window there can be. Those with enough errors, joined over pauses of up to five windows, are the bursts. */
function burstsOf(all: readonly Log[]): object[] {
  const errors = all.flat().map(({ timestamp, value }) => {
    return { time: timestamp, ...(JSON.parse(String(value)) as { service: string; level: string }) };
  });
  return ['a', 'b'].flatMap((service) => {
    const times = errors.filter((one) => one.service === service && one.level !== 'info').map(({ time }) => time);
    const bursts: { service: string; started_at: number; ended_at: number }[] = [];
    for (let end = NOON; end < NOON + 2_000; end += TENTH) {
      const within = times.filter((time) => time >= end - burst.windowMs && time < end);
      // A window ends with an error: what follows it is silence.
      if (within.length < burst.threshold || !within.some((time) => time >= end - TENTH)) continue;
      const last = bursts.at(-1);
      if (last && end - burst.windowMs - last.ended_at <= 5 * burst.windowMs) last.ended_at = end;
      else bursts.push({ service, started_at: end - burst.windowMs, ended_at: end });
    }
    return bursts;
  });
}
