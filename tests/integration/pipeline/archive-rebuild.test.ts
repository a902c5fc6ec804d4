/** Kafka forgets, the archive does not: a rebuild that would make it forget, too, is refused. */
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createArchive } from '../../../packages/sagaline/pipeline/archive/archive.ts';
import { rebuildProjection } from '../../../packages/sagaline/pipeline/rebuild/rebuild-projection.ts';
import { RebuildRefused } from '../../../packages/sagaline/pipeline/rebuild/refuse-harm.ts';
import { readEvent } from '../../../packages/sagaline/pipeline/runtime/recorded-event.ts';
import { brokers } from '../../support/kafka.ts';
import { createPipelineWorld, type PipelineWorld } from './support/world.ts';
import { catalogue, readingWith } from '../../support/reference.ts';

const policy = { directory: undefined, graceMs: 0, keepDays: undefined, keepFilesDays: undefined };
const projection = { ...createArchive({ catalogue, policy, extraTopics: [] }), topics: ['user.activity'] };

let world: PipelineWorld;
beforeAll(async () => {
  world = await createPipelineWorld({ topics: ['user.activity'] });
});
afterAll(() => world.close());

const rebuild = (offset = 0n, force = false) =>
  rebuildProjection({
    ...{ projection, force, pool: world.pool, kafka: world.kafka, groupId: world.prefix },
    from: offset > 0n ? { kind: 'offset', offset } : { kind: 'beginning' },
    read: (record) =>
      readEvent(
        record,
        readingWith(() => false),
      ),
    onProgress: () => undefined,
  });

const places = () =>
  world.rows<object>(projection, 'SELECT "partition", "offset" FROM "recorded" ORDER BY "partition", "offset"');

test('what Kafka no longer has, or was not asked for, holds a rebuild up until it is forced', async () => {
  // One key, so one partition.
  await world.produce(
    ...Array.from({ length: 20 }, () => ({
      type: 'user.activity' as const,
      payload: { userId: 'u-1', action: 'viewed' },
    })),
  );
  const live = await world.start(projection);
  await world.applied(projection, 20);
  await live.close();
  const all = await places();
  expect(all).toHaveLength(20);

  await rebuild();
  expect(await places()).toEqual(all);
  await expect(rebuild(5n)).rejects.toThrow(/it has 5 records since 20/);

  const [{ partition }] = all as [{ partition: number }];
  const admin = new KafkaJs({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topic = `${world.prefix}.user.activity`;
  // The client must have heard of the topic.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({
    topic,
    partitions: [{ partition, offset: '12' }],
  });
  await admin.disconnect();

  const refused = rebuild();
  await expect(refused).rejects.toThrow(RebuildRefused);
  await expect(refused).rejects.toThrow(/12 records since .*saga -- archive export.*--force/);
  expect(await places()).toEqual(all);

  await rebuild(0n, true);
  expect(await places()).toEqual(all.slice(12));
  // Nothing older is left that could be lost.
  await rebuild();
});
