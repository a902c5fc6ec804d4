import { internals, type CommittedTopic, type OffsetManager } from './internals.ts';
import { policyOf } from './policy.ts';
import { topicIdIn, topicIdOf } from './topic-ids.ts';

const TOPIC_ID = /^topic-id ([0-9a-f-]{36})$/;

/**
 * Commits offsets together with the id of the topic that they belong to, in the text that Kafka keeps beside an offset, and does not
 * take up an offset of another topic of that name. A broker forgets the offsets of a deleted topic, but a commit may come after it.
 */
export function patchOffsetManager(): void {
  const { prototype } = internals.OffsetManager;
  const { uncommittedOffsets, resolveOffsets, getCoordinator } = prototype;

  prototype.uncommittedOffsets = function (this: OffsetManager) {
    const { topics } = uncommittedOffsets.call(this);
    return {
      topics: topics.map(({ topic, partitions }) => {
        const id = topicIdOf(this, topic);
        const metadata = id === undefined ? {} : { metadata: `topic-id ${id}` };
        return { topic, partitions: partitions.map((one) => ({ ...one, ...metadata })) };
      }),
    };
  };

  prototype.resolveOffsets = async function (this: OffsetManager) {
    this.getCoordinator = async () => {
      const coordinator = await getCoordinator.call(this);
      const offsetFetch = async (request: object) => {
        const { responses } = await coordinator.offsetFetch(request);
        return { responses: responses.map((committed) => screen(this, committed)) };
      };
      return Object.create(coordinator, { offsetFetch: { value: offsetFetch } }) as typeof coordinator;
    };
    try {
      await resolveOffsets.call(this);
    } finally {
      Reflect.deleteProperty(this, 'getCoordinator');
    }
  };
}

/** Offsets of a topic that is gone count as none: the topic of that name is read from its beginning. */
function screen(offsets: OffsetManager, { topic, partitions }: CommittedTopic): CommittedTopic {
  const now = topicIdIn(offsets.cluster, topic);
  return {
    topic,
    partitions: partitions.map((one) => {
      const [, then] = TOPIC_ID.exec(one.metadata ?? '') ?? [];
      if (then === undefined || now === undefined || then === now) return one;
      policyOf(offsets.cluster)?.topicMadeAnew({ topic, partition: one.partition, committed: one.offset });
      return { ...one, offset: '-1' };
    }),
  };
}
