import { AssignerProtocol, type Admin, type Kafka as KafkaJs } from 'kafkajs';
import { GroupTopicsDiffer, KafkaUnavailable, TopicsMissing } from '../errors.ts';
import type { TopicSpec } from '../port.ts';
import { isRetriable, protocolCode, reasonOf } from './errors.ts';

const PING_BOUND_MS = 5_000;
/** From the controller's answer to a broker that knows the topics. */
const LEADERS_WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 50;

/** Opens an admin connection for the time of `use`: none is left behind that would need closing. */
export async function withAdmin<T>(kafka: KafkaJs, action: string, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin({ retry: { retries: 2, initialRetryTime: 100 } });
  try {
    await admin.connect();
    return await use(admin);
  } catch (error) {
    if (error instanceof Error && !error.name.startsWith('KafkaJS')) throw error;
    throw new KafkaUnavailable(action, reasonOf(error), { cause: error });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/**
 * Creates the topics that are missing and leaves the others as they are. Safe against other processes that do the same.
 *
 * @throws KafkaUnavailable when no broker answers, or refuses
 */
export function ensureTopics(kafka: KafkaJs, topics: readonly TopicSpec[]): Promise<void> {
  return withAdmin(kafka, 'create topics', async (admin) => {
    const present = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !present.has(topic));
    if (missing.length === 0) return;
    await admin
      .createTopics({
        // kafkajs takes "unknown topic" for a failure, though it is what a broker says that has not heard of it yet.
        waitForLeaders: false,
        topics: missing.map(({ topic, partitions, config = {} }) => ({
          topic,
          numPartitions: partitions,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        })),
      })
      .catch(async (error: unknown) => {
        // One of several existing already is reported as a failure of all; what counts is that all are there now.
        const now = new Set(await admin.listTopics());
        if (!missing.every(({ topic }) => now.has(topic))) throw error;
      });
    await untilLed(
      admin,
      missing.map(({ topic }) => topic),
    );
  });
}

/** Until the brokers know every partition's leader, so that records can be sent. */
async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  const deadline = Date.now() + LEADERS_WITHIN_MS;
  for (;;) {
    try {
      await admin.fetchTopicMetadata({ topics });
      return;
    } catch (error) {
      if (Date.now() > deadline || !isRetriable(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/** @throws KafkaUnavailable when no broker answers within five seconds */
export async function ping(kafka: KafkaJs): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new KafkaUnavailable('answer', `no answer in ${PING_BOUND_MS} ms`)), PING_BOUND_MS);
  });
  try {
    await Promise.race([withAdmin(kafka, 'answer', (admin) => admin.describeCluster()), bound]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws TopicsMissing naming those that the cluster does not have */
export async function refuseMissingTopics(kafka: KafkaJs, topics: readonly string[]): Promise<void> {
  const present = new Set(await withAdmin(kafka, 'list topics', (admin) => admin.listTopics()));
  const missing = topics.filter((topic) => !present.has(topic));
  if (missing.length > 0) throw new TopicsMissing(missing);
}

/**
 * Refuses to join a group whose members read other topics: kafkajs's leader assigns for all by its own list, and what it does not
 * know stays unread. Members that died are still listed until their session ends, so the answer is asked for that long.
 *
 * @throws GroupTopicsDiffer
 */
export function refuseForeignTopics(
  kafka: KafkaJs,
  groupId: string,
  topics: readonly string[],
  waitMs: number,
): Promise<void> {
  return withAdmin(kafka, 'describe the group', async (admin) => {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const inTime = Date.now() < deadline;
      try {
        const foreign = await foreignTopics(admin, groupId, topics);
        if (!foreign) return;
        if (!inTime) throw new GroupTopicsDiffer(groupId, topics, foreign);
      } catch (error) {
        // The first group of a new cluster waits for its coordinator.
        if (!inTime || !isRetriable(error)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  });
}

/** The topics of the first member whose list differs from ours. */
async function foreignTopics(admin: Admin, groupId: string, topics: readonly string[]) {
  const ours = [...topics].sort().join();
  try {
    const { groups } = await admin.describeGroups([groupId]);
    return groups
      .flatMap(({ members }) => members)
      .map(({ memberMetadata }) => topicsOf(memberMetadata))
      .find((theirs) => theirs && [...theirs].sort().join() !== ours);
  } catch (error) {
    // A group that was never there, in the words of newer brokers.
    if (protocolCode(error) === 'GROUP_ID_NOT_FOUND') return undefined;
    throw error;
  }
}

function topicsOf(metadata: Buffer): readonly string[] | undefined {
  // Empty while a member is still joining.
  return metadata.length === 0 ? undefined : AssignerProtocol.MemberMetadata.decode(metadata)?.topics;
}
