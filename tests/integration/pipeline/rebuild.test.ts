/** A view built anew beside the live one: equal to it, row by row, and switched without a record lost or counted twice. */
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { From } from '../../../packages/sagaline/kafka/range.ts';
import type { Progress } from '../../../packages/sagaline/pipeline/rebuild/progress.ts';
import {
  OldTablesLeft,
  rebuildProjection,
  RebuildRuns,
} from '../../../packages/sagaline/pipeline/rebuild/rebuild-projection.ts';
import { RebuildRefused } from '../../../packages/sagaline/pipeline/rebuild/refuse-harm.ts';
import type { Projection } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import { readEvent } from '../../../packages/sagaline/pipeline/runtime/recorded-event.ts';
import { ensureSchema, ProjectionOutdated } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import { eventually } from '../../support/kafka.ts';
import { createPipelineWorld, type PipelineWorld } from './support/world.ts';
import { readingWith } from '../../support/reference.ts';

const projection: Projection = {
  ...{ name: 'activities', description: 'activities by user', topics: ['user.activity'], maxRecords: 11 },
  tables: `CREATE TABLE "activities" ("user_id" TEXT, "action" TEXT, "count" INT NOT NULL, PRIMARY KEY ("user_id", "action"))`,
  async apply(tx, events) {
    for (const { type, payload } of events) {
      if (type !== 'user.activity') continue;
      await tx.query(
        `INSERT INTO "activities" VALUES ($1, $2, 1)
         ON CONFLICT ("user_id", "action") DO UPDATE SET "count" = "activities"."count" + 1`,
        [payload.userId, payload.action],
      );
    }
  },
};

let world: PipelineWorld;
let produced = 0;

beforeAll(async () => {
  world = await createPipelineWorld({ topics: ['user.activity'] });
});
afterAll(() => world.close());

async function produce(count: number, action = 'viewed'): Promise<void> {
  const payloads = Array.from({ length: count }, (_, index) => ({ userId: `u-${index % 10}`, action }));
  await world.produce(...payloads.map((payload) => ({ type: 'user.activity' as const, payload })));
  produced += count;
}

const rebuild = (
  changed: Partial<Projection> = {},
  from: From = { kind: 'beginning' },
  seen: Progress[] = [],
  { pool = world.pool, force = false } = {},
) =>
  rebuildProjection({
    ...{ pool, force, kafka: world.kafka, groupId: world.prefix, from },
    projection: { ...projection, ...changed },
    read: (record) =>
      readEvent(
        record,
        readingWith(() => false),
      ),
    onProgress: (progress) => seen.push(progress),
  });

function deferred() {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

async function schemas(): Promise<string[]> {
  const { rows: found } = await world.pool.query<{ name: string }>(
    `SELECT "nspname" AS "name" FROM "pg_namespace" WHERE "nspname" LIKE 'projection%' ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}

const rows = () => world.rows(projection, 'SELECT * FROM "activities" ORDER BY 1, 2');

describe('a rebuild', () => {
  test('gives the rows that the live one has, and says how far it is', async () => {
    await produce(100);
    const live = await world.start(projection);
    await world.applied(projection, produced);
    const before = await rows();
    const seen: Progress[] = [];

    expect(await rebuild({}, undefined, seen)).toMatchObject({ records: 100 });

    expect(await rows()).toEqual(before);
    expect(seen[0]).toMatchObject({ done: 0, total: 100 });
    expect(seen.at(-1)).toMatchObject({ done: 100, total: 100, etaMs: 0 });
    await live.close();
  });

  test('mends what is wrong in the live one', async () => {
    await world.pool.query('UPDATE projection_activities.activities SET count = 4711');
    await rebuild();
    expect(await rows()).toEqual(
      Array.from({ length: 10 }, (_, user) => ({ user_id: `u-${user}`, action: 'viewed', count: 10 })),
    );
  });

  test('while records come and the live one applies them: none is lost, none counts twice, and the live one goes on', async () => {
    const live = await world.start(projection);
    const coming = (async () => {
      for (let round = 0; round < 20; round++) await produce(10, 'added');
    })();
    await Promise.all([rebuild(), coming]);
    await produce(10, 'added');
    await world.applied(projection, produced);
    const added = await world.rows(projection, `SELECT "count" FROM "activities" WHERE "action" = 'added'`);
    expect(added).toEqual(Array.from({ length: 10 }, () => ({ count: 21 })));
    await live.close();
  });

  test('from a time has what came since', async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const timeMs = Date.now();
    await produce(30, 'paid');
    await rebuild({}, { kind: 'time', timeMs });
    expect(await world.rows(projection, 'SELECT DISTINCT "action" FROM "activities"')).toEqual([{ action: 'paid' }]);
    await rebuild();
  });

  test('that fails leaves the live one as it is, and says why', async () => {
    const before = await rows();
    await expect(rebuild({ apply: () => Promise.reject(new Error('a bug')) })).rejects.toThrow('a bug');
    expect(await rows()).toEqual(before);
  });

  test('whose own connection breaks, and with it the lock, gives up: another one may have begun', async () => {
    const before = await rows();
    const gate = deferred();
    const entered = deferred();
    const broken = rebuild({
      async apply() {
        entered.resolve();
        await gate.promise;
      },
    });
    const said = expect(broken).rejects.toThrow('terminating connection');
    await entered.promise;
    await world.pool
      .query(`SELECT pg_terminate_backend("pid") FROM "pg_locks" WHERE "locktype" = 'advisory' AND "database" =
      (SELECT "oid" FROM "pg_database" WHERE "datname" = current_database())`);
    gate.resolve();
    await said;
    expect(await rows()).toEqual(before);
  });

  test('runs once at a time', async () => {
    const gate = deferred();
    const entered = deferred();
    const first = rebuild({
      async apply(tx, events) {
        entered.resolve();
        await gate.promise;
        await projection.apply(tx, events);
      },
    });
    await entered.promise;
    await expect(rebuild()).rejects.toBeInstanceOf(RebuildRuns);
    gate.resolve();
    await first;
  });
});

describe('what a rebuild replaces', () => {
  test('is gone afterwards, with what a crash had left behind', async () => {
    await world.pool.query(
      `CREATE SCHEMA projection_activities_old CREATE TABLE left_behind ();
       CREATE SCHEMA projection_activities_rebuild CREATE TABLE left_behind ()`,
    );
    const before = await rows();
    await rebuild();
    expect(await schemas()).toEqual(['projection_activities']);
    expect(await rows()).toEqual(before);
  });

  test('is left, and said to be, while somebody reads it; the rebuilt one is live, and the next rebuild drops it', async () => {
    await world.pool.query('UPDATE projection_activities.activities SET count = 4711');
    const impatient = new Pool({ connectionString: world.databaseUrl, max: 4, options: '-c lock_timeout=500' });
    const reader = await world.pool.connect();
    try {
      await reader.query('BEGIN; SELECT FROM projection_activities.activities');
      const rebuilding = rebuild({}, undefined, [], { pool: impatient });
      await expect(rebuilding).rejects.toThrow(OldTablesLeft);
      await expect(rebuilding).rejects.toThrow(/is rebuilt and live.*lock timeout.*projection_activities_old/);
      expect(await world.rows(projection, 'SELECT FROM "activities" WHERE "count" = 4711')).toEqual([]);
      expect(await schemas()).toEqual(['projection_activities', 'projection_activities_old']);
    } finally {
      await reader.query('ROLLBACK');
      reader.release();
      await impatient.end();
    }
    await rebuild();
    expect(await schemas()).toEqual(['projection_activities']);
  });
});

describe('a projection that objects', () => {
  const asked: unknown[] = [];
  const objecting: Partial<Projection> = {
    objectToRebuild(tx, from) {
      asked.push(...from);
      return tx.query('SELECT FROM "activities"').then((some) => (some.length > 0 ? 'it has what is dear' : undefined));
    },
  };

  test('is not rebuilt, and nothing has changed', async () => {
    const before = await rows();
    const refused = rebuild(objecting);
    await expect(refused).rejects.toThrow(RebuildRefused);
    await expect(refused).rejects.toThrow(/it has what is dear.*projection rebuild activities --force/);
    expect(asked).toHaveLength(3);
    for (const partition of [0, 1, 2]) expect(asked).toContainEqual({ topic: 'user.activity', partition, offset: 0n });
    expect(await rows()).toEqual(before);
    expect(await schemas()).toEqual(['projection_activities']);
  });

  test('is rebuilt by force', async () => {
    const before = await rows();
    await rebuild(objecting, undefined, [], { force: true });
    expect(await rows()).toEqual(before);
  });
});

describe('tables of another version', () => {
  const changed: Projection = {
    ...projection,
    tables: `${projection.tables}; CREATE INDEX ON "activities" ("action")`,
  };

  test('are refused, with the command that mends it', async () => {
    await expect(ensureSchema(world.pool, changed)).rejects.toThrow(ProjectionOutdated);
    await expect(ensureSchema(world.pool, changed)).rejects.toThrow('npm run saga -- projection rebuild activities');
  });

  test('are replaced by a rebuild, after which the projection runs by itself', async () => {
    const before = await rows();
    const waiting = await world.start(changed);
    expect(waiting.isReady['activities']?.()).toBe(false);
    await rebuild(changed);
    await eventually(() => expect(waiting.isReady['activities']?.()).toBe(true));
    expect(await rows()).toEqual(before);
  });
});
