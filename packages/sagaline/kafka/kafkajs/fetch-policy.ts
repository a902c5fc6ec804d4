import type { Consumer } from 'kafkajs';
import type { Logger } from '../../ground/logger.ts';
import type { ConsumerOptions, PartitionEndsBelow } from '../port.ts';
import type { InHand } from './in-hand.ts';
import type { ConsumerGroup } from './patches/internals.ts';
import type { FetchPolicy } from './patches/policy.ts';

/** Polls while batches that were set aside are about to end: their partitions are asked for again at the next one. */
const SHORT_POLL_MS = 50;
/** Batches in hand get this long to end before the member joins its group again without them. */
const JOIN_WAITS_MS = 3_000;
/** A stopped partition is asked for again after this. */
const ASK_AGAIN_MS = 5_000;
const SAY_AGAIN_MS = 60_000;

interface PolicyDeps {
  readonly options: Pick<ConsumerOptions, 'groupId' | 'onPartitionEndsBelow'>;
  readonly inHand: InHand;
  readonly consumer: () => Consumer | undefined;
  readonly logger: Logger;
}

export interface StoppablePolicy extends FetchPolicy {
  /** Partitions that are not read, because their log ends below the next offset. */
  stopped(): readonly PartitionEndsBelow[];
  /** Commits what was resolved, when the group commits at all. */
  commit(): Promise<void>;
  close(): void;
}

/** What this consumer wants of its fetch loop; see FetchPolicy. */
export function createFetchPolicy({ options, inHand, consumer, logger }: PolicyDeps): StoppablePolicy {
  const stopped = new Map<string, { gap: PartitionEndsBelow; saidAt: number }>();
  const timers = new Set<NodeJS.Timeout>();
  let group: ConsumerGroup | undefined;
  const { groupId } = options;
  const keyOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`;

  async function commit(): Promise<void> {
    if (group?.autoCommit) await group.offsetManager?.commitOffsets().catch(() => undefined);
  }

  /** Not read for a while: so nothing spins, and whoever mends it need not restart us. */
  function stop(gap: PartitionEndsBelow): void {
    const { topic, partition } = gap;
    const partitions = [{ topic, partitions: [partition] }];
    consumer()?.pause(partitions);
    const timer = setTimeout(() => {
      timers.delete(timer);
      consumer()?.resume(partitions);
    }, ASK_AGAIN_MS);
    timers.add(timer);
    const saidAt = stopped.get(keyOf(gap))?.saidAt ?? 0;
    const isDue = Date.now() - saidAt > SAY_AGAIN_MS;
    stopped.set(keyOf(gap), { gap, saidAt: isDue ? Date.now() : saidAt });
    if (isDue) {
      logger.error(
        { groupId, ...gap },
        `partition ${partition} of ${topic} is not read: its log ends at ${gap.high}, and ${gap.next} was to come next. The log was ` +
          'cut off, or the topic made anew; docs/operate.md says what to do',
      );
    }
  }

  return {
    maxWaitMs: (most) => (inHand.someEndSoon() ? Math.min(SHORT_POLL_MS, most) : most),
    idle: (mostMs) => inHand.change(mostMs),
    async beforeJoin(joining) {
      group = joining;
      await inHand.drain(JOIN_WAITS_MS);
      await commit();
      inHand.lose();
      stopped.clear();
    },
    fetched(topic, partition) {
      if (stopped.size > 0) stopped.delete(keyOf({ topic, partition }));
    },
    partitionEndsBelow(gap) {
      const offset = options.onPartitionEndsBelow?.(gap);
      if (offset === undefined) stop(gap);
      else {
        stopped.delete(keyOf(gap));
        logger.warn({ groupId, ...gap, offset }, 'the log ends below the next offset: it is read on from another');
      }
      return offset;
    },
    recordsGone(gap) {
      const lost = String(BigInt(gap.low) - BigInt(gap.next));
      logger.error({ groupId, ...gap, lost }, 'records were deleted from the log before they were read');
    },
    topicMadeAnew(what) {
      logger.warn(
        { groupId, ...what },
        'the topic was made anew: its offsets are of another one, and it is read from its beginning',
      );
    },
    stopped: () => [...stopped.values()].map(({ gap }) => gap),
    commit,
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
