/**
 * What can go wrong at Kafka, told apart by what a caller can do about it. Messages name topics, groups and protocol codes, never
 * keys or values.
 */

/** No broker took the request within the bound; nothing is wrong with the records. Trying again later can help. */
export class KafkaUnavailable extends Error {
  override readonly name = 'KafkaUnavailable';
  constructor(action: string, reason: string, options?: ErrorOptions) {
    super(`Kafka did not ${action}: ${reason}`, options);
  }
}

/** The broker refuses these very records (too large, no such topic, not allowed). Sending them again as they are cannot help. */
export class RecordsRefused extends Error {
  override readonly name = 'RecordsRefused';
  /** The protocol's error code, such as MESSAGE_TOO_LARGE. */
  readonly code: string;
  readonly topics: readonly string[];
  constructor(topics: readonly string[], code: string, options?: ErrorOptions) {
    super(`Kafka refused records for ${topics.join(', ')}: ${code}`, options);
    this.code = code;
    this.topics = topics;
  }
}

/** A consumer was asked for topics that the cluster does not have. */
export class TopicsMissing extends Error {
  override readonly name = 'TopicsMissing';
  readonly topics: readonly string[];
  constructor(topics: readonly string[]) {
    super(`Kafka has no topic named ${topics.join(', ')}: create it, or start with ensureTopics`);
    this.topics = topics;
  }
}

/** Members of the group read other topics: partitions would stay unread, because one member assigns for all. */
export class GroupTopicsDiffer extends Error {
  override readonly name = 'GroupTopicsDiffer';
  constructor(groupId: string, ours: readonly string[], theirs: readonly string[]) {
    super(
      `members of consumer group ${groupId} read other topics (${theirs.join(', ')}) than this process (${ours.join(', ')}): ` +
        'stop them first, or set another KAFKA_GROUP_ID',
    );
  }
}

/** The consumer crashed, and rebuilding it did not bring it back: the process should end with this. */
export class ConsumerGaveUp extends Error {
  override readonly name = 'ConsumerGaveUp';
  constructor(groupId: string, rebuilds: number, cause: Error) {
    super(`the consumer of group ${groupId} crashed and ${rebuilds} rebuild(s) did not help: ${cause.message}`, {
      cause,
    });
  }
}
