import { backoffMs } from '../ground/backoff.ts';
import type { Logger } from '../ground/logger.ts';
import type { Held, OutboxSession, Standing } from './outbox-session.ts';
import { createPauses } from './pauses.ts';
import type { Refusal } from './publish.ts';

/** A refused row is tried again alone, and costs the producer its connection each time. */
const RETRY_ROW = { firstMs: 2_000, maxMs: 10 * 60_000 };
const RETRY_TOPIC = { firstMs: 1_000, maxMs: 30_000 };

interface HoldsDeps {
  readonly logger: Logger;
  readonly onRefused: (topic: string, code: string) => void;
}

/**
 * What of the outbox waits, and until when. Refusals are kept with their rows, where operators see them and the next relay finds
 * them; a topic that is not taken at the moment is this relay's own knowledge.
 */
export interface Holds {
  /** What is not to be read now. */
  held(): Held;
  note(session: Pick<OutboxSession, 'markRefused'>, refusals: readonly Refusal[]): Promise<void>;
  /** The outbox was looked at. */
  saw(standing: Pick<Standing, 'refused'>): void;
  /** Topics to be tried again, though nobody refused them. */
  dueTopics(): string[];
  /** The topic is taken again. */
  resume(topic: string): void;
  pausedTopics(): string[];
  /** Until the next topic is to be tried again, in ms; infinite when there is none. */
  nextMs(): number;
}

export function createHolds({ logger, onRefused }: HoldsDeps): Holds {
  const pauses = createPauses();
  /** As of the last look, and what was refused since. */
  let topics = new Set<string>();
  let keys = false;

  return {
    held: () => ({ topics: [...topics, ...pauses.topics()], keys }),

    async note(session, refusals) {
      for (const { row, code, holds } of refusals) {
        const { topic, id, eventId } = row;
        if (holds === 'outage') {
          if (!pauses.topics().includes(topic))
            logger.error({ topic }, 'Kafka takes no events of this topic; they wait');
          pauses.pause(topic);
          continue;
        }
        const holdsTopic = holds === 'topic';
        const retryMs = Math.round(backoffMs(row.refusals + 1, holdsTopic ? RETRY_TOPIC : RETRY_ROW));
        await session.markRefused(id, { code, holdsTopic, retryMs });
        if (holdsTopic) topics.add(topic);
        keys = true;
        onRefused(topic, code);
        const waits = holdsTopic ? 'its topic waits' : 'its key waits';
        if (row.refusals === 0) logger.error({ topic, code, id, eventId }, `Kafka refuses an event; ${waits}`);
      }
    },

    saw({ refused }) {
      topics = new Set(refused.filter(({ holdsTopic }) => holdsTopic).map(({ topic }) => topic));
      keys = refused.length > 0;
    },

    dueTopics: () => pauses.due(),
    resume(topic) {
      if (pauses.resume(topic)) logger.info({ topic }, 'Kafka takes events of this topic again');
    },
    pausedTopics: () => pauses.topics(),
    nextMs: () => pauses.nextMs(),
  };
}
