/**
 * A topic that is deleted and made again repeats its offsets. Kafka's own id of the topic tells its lives apart; here they are counted
 * in the order in which they were first seen, for ever: the first one, and all topics of brokers that know no ids, keep the
 * identities that there were before lives were counted.
 */
import type { Database } from '../prisma/database.ts';
import type { Kafka, PartitionEndsBelow } from './port.ts';

export interface TopicLives {
  /** The life of a topic that has this id, from 1; counted now when it was never seen. */
  lifeOf(topic: string, topicId: string | undefined): Promise<number>;
  /** Whether this process was the first to see that life: what is in its log has been read by nobody. */
  isNew(topic: string, life: number): boolean;
  /** From where to read a log that ends below the offset that was to come next; undefined when nothing explains it. */
  whereToReadOn(gap: PartitionEndsBelow): string | undefined;
}

/** Other processes that count at the same moment; each round one of them is done. */
const MAX_ROUNDS = 20;

/** Counts the topics as they are now, so that the first life is known before there is a second. */
export async function createTopicLives(
  database: Database,
  kafka: Pick<Kafka, 'topicIdOf'>,
  topics: readonly string[],
): Promise<TopicLives> {
  const known = new Map<string, number>();
  const fresh = new Set<string>();

  async function lifeOf(topic: string, topicId: string | undefined): Promise<number> {
    const found = known.get(`${topic} ${topicId}`);
    if (found !== undefined) return found;
    const { life, isNew } = topicId === undefined ? await latest(topic) : await count(topic, topicId);
    known.set(`${topic} ${topicId}`, life);
    if (isNew) fresh.add(`${topic} ${life}`);
    return life;
  }

  async function latest(topic: string): Promise<{ life: number; isNew: boolean }> {
    const { _max } = await database.topicLife.aggregate({ where: { topic }, _max: { life: true } });
    return { life: _max.life ?? 1, isNew: false };
  }

  async function count(topic: string, topicId: string): Promise<{ life: number; isNew: boolean }> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const row = await database.topicLife.findUnique({ where: { topic_topicId: { topic, topicId } } });
      if (row) return { life: row.life, isNew: false };
      const inserted = await database.$executeRaw`
        INSERT INTO sagaline_engine.topic_lives (topic, topic_id, life)
        SELECT ${topic}, ${topicId}, COALESCE(max(life), 0) + 1 FROM sagaline_engine.topic_lives WHERE topic = ${topic}
        ON CONFLICT DO NOTHING`;
      if (inserted > 0) return { ...(await latest(topic)), isNew: true };
    }
    throw new Error(`the lives of topic ${topic} cannot be counted: others keep counting`);
  }

  for (const topic of topics) await lifeOf(topic, await kafka.topicIdOf(topic));

  return {
    lifeOf,
    isNew: (topic, life) => fresh.has(`${topic} ${life}`),
    whereToReadOn({ topic, topicId, low }) {
      if (topicId === undefined) return undefined;
      // An id that was never counted is a life that has just begun, and certainly not the first.
      const life = known.get(`${topic} ${topicId}`);
      return life === 1 ? undefined : low;
    },
  };
}
