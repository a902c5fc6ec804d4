import type { Consumer, RequestEvent } from 'kafkajs';

export interface ConsumerHealth {
  /** Listens to a consumer from before it joins. */
  watch(consumer: Consumer): void;
  /** One batch is in hand. */
  workBegins(place: { topic: string; partition: number }): BatchWork;
  /** Ms since the last sign of life: an answered fetch, a heartbeat without partitions, a resolved offset. */
  silentForMs(): number;
  /** True while a batch is in hand that the fetch loop waits for: no fetch is due. */
  isBusy(): boolean;
  /** Handlers that have resolved nothing, and not come back, for longer than a handler may. */
  stuck(): readonly StuckHandler[];
  isReady(): boolean;
  /** The consumer crashed, or was stopped: not ready until the next one has fetched. */
  lost(): void;
}

export interface StuckHandler {
  readonly topic: string;
  readonly partition: number;
  /** Of the first record in its hands. */
  readonly offset: string;
  readonly forMs: number;
}

export interface BatchWork {
  /** The handler has records in its hands from now on: it must resolve or come back within a bound. */
  handlerBegins(offset: string): void;
  handlerEnds(): void;
  /** Offsets were resolved. */
  progresses(): void;
  /** The handler itself says that it is at work. That keeps a membership; a timer can say it, so it is no progress. */
  beats(): void;
  /** Records are to be delivered again. */
  fails(): void;
  isFailing(): boolean;
  /** The fetch loop goes on without waiting for it. */
  setAside(): void;
  end(): void;
}

interface Work extends BatchWork {
  stuckForMs(): number;
  readonly place: { readonly topic: string; readonly partition: number };
  offset: string;
}

export interface HealthLimits {
  /** How long a healthy consumer may be silent, ms. */
  readonly staleAfterMs: number;
  /** How long a handler may hold records without resolving one, ms. */
  readonly stuckAfterMs: number;
}

/**
 * Sees whether a consumer truly works. kafkajs reports a fetch as done when its connection broke, too, so a fetch counts only if a
 * broker answered one since it began; a member without partitions sends none, and there a heartbeat counts.
 *
 * @param onAlive called at each sign of life
 */
export function createConsumerHealth(limits: HealthLimits, onAlive: () => void): ConsumerHealth {
  const { staleAfterMs, stuckAfterMs } = limits;
  const inHand = new Set<Work>();
  const waitedFor = new Set<BatchWork>();
  const failing = new Set<BatchWork>();
  let working = false;
  let lastSign = Date.now();

  function alive(): void {
    working = true;
    lastSign = Date.now();
    onAlive();
  }

  function stuck(): StuckHandler[] {
    return [...inHand]
      .filter((work) => work.stuckForMs() > stuckAfterMs)
      .map((work) => ({ ...work.place, offset: work.offset, forMs: work.stuckForMs() }));
  }

  return {
    watch: (consumer) => listen(consumer, alive, () => (lastSign = Date.now())),
    workBegins(place) {
      let since: number | undefined;
      const work: Work = {
        place,
        offset: '',
        stuckForMs: () => (since === undefined ? 0 : Date.now() - since),
        handlerBegins(offset) {
          work.offset = offset;
          since = Date.now();
        },
        handlerEnds: () => (since = undefined),
        progresses() {
          if (since !== undefined) since = Date.now();
          failing.delete(work);
          alive();
        },
        beats: alive,
        fails: () => failing.add(work),
        isFailing: () => failing.has(work),
        setAside: () => waitedFor.delete(work),
        end() {
          for (const works of [failing, waitedFor, inHand]) works.delete(work);
        },
      };
      inHand.add(work);
      waitedFor.add(work);
      return work;
    },
    isBusy: () => waitedFor.size > 0,
    stuck,
    silentForMs: () => Date.now() - lastSign,
    isReady: () => working && failing.size === 0 && stuck().length === 0 && Date.now() - lastSign < staleAfterMs,
    lost() {
      working = false;
      lastSign = Date.now();
    },
  };
}

function listen(consumer: Consumer, alive: () => void, joined: () => void): void {
  const { FETCH_START, FETCH, REQUEST, GROUP_JOIN } = consumer.events;
  let idle = false;
  let answered = false;
  consumer.on(GROUP_JOIN, ({ payload }) => {
    // Not yet a sign of life, but the time for one begins here.
    joined();
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
}
