/** A topic is deleted and made again on a real Kafka: nothing new is skipped, and what was there stays. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createArchive } from '../../../packages/sagaline/pipeline/archive/archive.ts';
import { createLogs } from '../../../gateways/pipeline/logs/projection.ts';
import { rebuildProjection } from '../../../packages/sagaline/pipeline/rebuild/rebuild-projection.ts';
import { schemaOf, type Projection } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import { topicSpecs } from '../../../packages/sagaline/events/topics.ts';
import { read } from '../../support/recorded-events.ts';
import { deleteTopic, eventually } from '../../support/kafka.ts';
import { createPipelineWorld, type PipelineWorld } from './support/world.ts';
import { catalogue } from '../../support/reference.ts';

const logs = createLogs({ retentionMs: 1e12, burst: { threshold: 50, windowMs: 60_000 } });
const archive = createArchive({
  catalogue,
  policy: { directory: undefined, graceMs: 0, keepDays: undefined, keepFilesDays: undefined },
  extraTopics: [],
});
/** Only what the test produces. */
const projections = [logs, { ...archive, topics: ['service.log'] }];

let world: PipelineWorld;

beforeAll(async () => {
  world = await createPipelineWorld({ topics: ['service.log'] });
});
afterAll(() => world.close());

const produce = (word: string, count: number) =>
  world.produce(
    ...Array.from({ length: count }, (_, n) => ({
      type: 'service.log' as const,
      payload: { service: 's', level: 'info' as const, message: `${word}${n}` },
    })),
  );

/** As a clean-up does it, or a move to another cluster. */
async function makeAnew(): Promise<void> {
  await deleteTopic(`${world.prefix}.service.log`);
  const specs = topicSpecs(catalogue, 3).filter(({ topic }) => topic === 'service.log');
  await eventually(() => world.kafka.ensureTopics(specs));
  await eventually(async () =>
    expect((await world.kafka.offsetsOf('service.log')).map(({ high }) => high)).toEqual([0n, 0n, 0n]),
  );
}

async function messages(): Promise<Record<string, string[]>> {
  const lines = await world.rows<{ said: string }>(logs, 'SELECT "message" AS "said" FROM "lines" ORDER BY 1');
  const kept = await world.rows<{ said: string }>(
    archive,
    `SELECT "payload" ->> 'message' AS "said" FROM "recorded" ORDER BY 1`,
  );
  return { logs: lines.map(({ said }) => said), archive: kept.map(({ said }) => said) };
}

const words = (...counts: readonly (readonly [word: string, count: number])[]) =>
  counts.flatMap(([word, count]) => Array.from({ length: count }, (_, n) => `${word}${n}`)).sort();

async function shows(expected: readonly string[]): Promise<void> {
  await eventually(async () => expect(await messages()).toEqual({ logs: expected, archive: expected }));
}

describe('a topic that is made anew', () => {
  test('while nothing runs is read from its beginning, also when it is shorter than it was', async () => {
    const pipeline = await world.start(...projections);
    await produce('old', 5);
    await shows(words(['old', 5]));
    await pipeline.close();
    await makeAnew();
    await world.start(...projections);
    await produce('new', 4);
    await shows(words(['old', 5], ['new', 4]));
  });

  test('while the pipeline runs, too', async () => {
    await makeAnew();
    await produce('third', 8);
    await shows(words(['old', 5], ['new', 4], ['third', 8]));
    const { rows } = await world.pool.query(`SELECT DISTINCT "topic_id" FROM ${schemaOf(logs)}."lives"`);
    expect(rows).toHaveLength(2);
  });

  test('has its places after those of its former lives in a rebuilt view, too, though their records are gone', async () => {
    const rebuild = (projection: Projection) =>
      rebuildProjection({
        ...{ projection, pool: world.pool, kafka: world.kafka, groupId: world.prefix, read },
        ...{ from: { kind: 'beginning' } as const, onProgress: () => undefined },
      });
    const [last] = projections.slice(-1);
    if (!last) throw new Error('the archive is the last one');
    await expect(rebuild(last)).rejects.toThrow(/9 records since .* would not be read again/);
    const sql = `SELECT "partition", "base", "topic_id" FROM "offsets" WHERE "next_offset" > 0 ORDER BY 1`;
    const live = await world.rows(logs, sql);
    expect((await rebuild(logs)).records).toBe(8);
    expect(await world.rows(logs, sql)).toEqual(live);
    await produce('later', 3);
    await eventually(async () => expect((await messages())['logs']).toEqual(words(['third', 8], ['later', 3])));
  });
});
