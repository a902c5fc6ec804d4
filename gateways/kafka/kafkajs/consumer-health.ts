import type { Consumer, RequestEvent } from 'kafkajs';

export interface ConsumerHealth {
  /** Listens to a consumer from before it joins. */
  watch(consumer: Consumer): void;
  /** One batch is in hand. */
  workBegins(): BatchWork;
  /** Ms since the last sign of life: an answered fetch, a heartbeat without partitions, a resolved offset. */
  silentForMs(): number;
  /** True while a batch is in hand: no fetch is due. */
  isBusy(): boolean;
  isReady(): boolean;
  /** The consumer crashed, or was stopped: not ready until the next one has fetched. */
  lost(): void;
}

export interface BatchWork {
  /** Offsets were resolved. */
  progresses(): void;
  /** The handler itself says that it is at work; what the lease beats by timer proves nothing. */
  beats(): void;
  /** Records are to be delivered again. */
  fails(): void;
  end(): void;
}

/**
 * Sees whether a consumer truly works. kafkajs reports a fetch as done when its connection broke, too, so a fetch counts only if a
 * broker answered one since it began; a member without partitions sends none, and there a heartbeat counts.
 *
 * @param staleAfterMs how long a healthy consumer may be silent
 * @param onAlive called at each sign of life
 */
export function createConsumerHealth(staleAfterMs: number, onAlive: () => void): ConsumerHealth {
  const inHand = new Set<BatchWork>();
  const failing = new Set<BatchWork>();
  let working = false;
  let lastSign = Date.now();

  function alive(): void {
    working = true;
    lastSign = Date.now();
    onAlive();
  }

  return {
    watch(consumer) {
      const { FETCH_START, FETCH, REQUEST, GROUP_JOIN } = consumer.events;
      let idle = false;
      let answered = false;
      consumer.on(GROUP_JOIN, ({ payload }) => {
        // Not yet a sign of life, but the time for one begins here.
        lastSign = Date.now();
        idle = Object.values(payload.memberAssignment).every((partitions) => partitions.length === 0);
      });
      consumer.on(FETCH_START, () => (answered = false));
      consumer.on(REQUEST, ({ payload }: RequestEvent) => {
        if (payload.apiName === 'Fetch') answered = true;
        if (payload.apiName === 'Heartbeat' && idle) alive();
      });
      consumer.on(FETCH, () => {
        if (answered) alive();
      });
    },
    workBegins() {
      const work: BatchWork = {
        progresses() {
          failing.delete(work);
          alive();
        },
        beats: alive,
        fails: () => failing.add(work),
        end() {
          failing.delete(work);
          inHand.delete(work);
        },
      };
      inHand.add(work);
      return work;
    },
    isBusy: () => inHand.size > 0,
    silentForMs: () => Date.now() - lastSign,
    isReady: () => working && failing.size === 0 && Date.now() - lastSign < staleAfterMs,
    lost() {
      working = false;
      lastSign = Date.now();
    },
  };
}
