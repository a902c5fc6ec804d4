/** Rows and offsets in one transaction: what a projection counted is what the topic has, whatever happened in between. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Projection, ProjectionTransaction } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import { BOUNDS } from '../../../packages/sagaline/prisma/connection.ts';
import { eventually } from '../../support/kafka.ts';
import { createPipelineWorld, type PipelineWorld, type Produced } from './support/world.ts';

/** As plain as a projection can be: any record applied twice, or not at all, is seen. */
function counting(name: string): Projection {
  return {
    ...{ name, description: 'activities by user', topics: ['user.activity'], maxRecords: 7 },
    tables: 'CREATE TABLE "counts" ("user_id" TEXT PRIMARY KEY, "count" INT NOT NULL, "last" TEXT NOT NULL)',
    async apply(tx, events) {
      for (const event of events) {
        if (event.type !== 'user.activity') continue;
        await tx.query(
          `INSERT INTO "counts" VALUES ($1, 1, $2)
           ON CONFLICT ("user_id") DO UPDATE SET "count" = "counts"."count" + 1, "last" = $2`,
          [event.payload.userId, event.payload.action],
        );
      }
    },
  };
}

let world: PipelineWorld;
let produced = 0;

beforeAll(async () => {
  world = await createPipelineWorld({ topics: ['user.activity'] });
});
afterAll(() => world.close());

/** `each` activities of each of five users. */
async function produce(each: number): Promise<void> {
  const events = Array.from({ length: each * 5 }, (_, index): Produced<'user.activity'> => {
    return { type: 'user.activity', payload: { userId: `u-${index % 5}`, action: `a-${produced + index}` } };
  });
  produced += events.length;
  await world.produce(...events);
}

const countsOf = async (projection: Projection) => {
  await world.applied(projection, produced);
  const rows = await world.rows<{ count: number }>(projection, 'SELECT "count" FROM "counts"');
  expect(rows).toEqual(Array.from({ length: 5 }, () => ({ count: produced / 5 })));
};

describe('a projection', () => {
  const projection = counting('counting');

  test('applies what was there before it, and what comes', async () => {
    await produce(20);
    await world.start(projection);
    await produce(20);
    await countsOf(projection);
  });

  test('goes on where it was', async () => {
    const second = await world.start(projection);
    await produce(10);
    await countsOf(projection);
    await second.close();
    await produce(10);
    await countsOf(projection);
  });

  test('of which two members share the partitions counts each record once, also when one comes and goes', async () => {
    for (let round = 0; round < 3; round++) {
      const member = await world.start(projection);
      await produce(10);
      await member.close();
      await produce(10);
    }
    await countsOf(projection);
    expect(world.failures).toEqual([]);
  });

  test('applies within short bounds, and keeps house within longer ones', async () => {
    const bounds: Record<string, string> = {};
    const note = async (what: string, tx: ProjectionTransaction) => {
      const [row] = await tx.query<{ ms: string }>(
        `SELECT "setting" AS "ms" FROM "pg_settings" WHERE "name" = 'idle_in_transaction_session_timeout'`,
      );
      bounds[what] = row?.ms ?? '';
    };
    const noting: Projection = {
      ...counting('noting'),
      apply: (tx) => note('apply', tx),
      maintenance: { everyMs: 60_000, run: (tx) => note('housekeeping', tx) },
    };
    await world.start(noting);
    await eventually(() => expect(Object.keys(bounds).sort()).toEqual(['apply', 'housekeeping']));
    expect(Number(bounds['apply'])).toBe(BOUNDS.ordinary.idleInTransactionMs);
    expect(Number(bounds['housekeeping'])).toBe(BOUNDS.operator.idleInTransactionMs);
  });

  test('whose offset another member holds says so, is not ready, and goes on when it is let go', async () => {
    const waiting = counting('waiting');
    const pipeline = await world.start(waiting);
    await world.applied(waiting, produced);
    await eventually(() => expect(pipeline.isReady['waiting']?.()).toBe(true));
    const frozen = await world.pool.connect();
    try {
      await frozen.query('BEGIN');
      await frozen.query('SELECT FROM "projection_waiting"."offsets" FOR UPDATE');
      const before = world.failures.length;
      await produce(2);
      await eventually(() => expect(pipeline.isReady['waiting']?.()).toBe(false));
      await eventually(() => expect(world.failures.length).toBeGreaterThan(before));
    } finally {
      await frozen.query('ROLLBACK');
      frozen.release();
    }
    await countsOf(waiting);
    await eventually(() => expect(pipeline.isReady['waiting']?.()).toBe(true));
    world.failures.length = 0;
  }, 120_000);

  test('whose transaction fails tries again, and loses nothing', async () => {
    const failing = counting('failing');
    let failuresLeft = 3;
    await world.start({
      ...failing,
      async apply(tx, events) {
        await failing.apply(tx, events);
        if (failuresLeft-- > 0) throw new Error('as a database would');
      },
    });
    await countsOf(failing);
    expect(world.failures).toEqual(['failing', 'failing', 'failing']);
  });
});
