import type { Lease } from './lease.ts';

/** One batch that is being handled. */
export interface Piece {
  readonly lease: Lease;
  readonly bytes: number;
  readonly since: number;
  /** Settles when the handler has let go of it; never rejects. */
  readonly done: Promise<void>;
  /** Its records are tried again with pauses: it will not end soon. */
  isFailing(): boolean;
}

/**
 * The batches of one consumer that are being handled. A batch that takes long is set aside: then the fetch loop goes on with the
 * other partitions, and its own is paused until it has ended.
 */
export interface InHand {
  /** Waits for an earlier batch of the same partition, of whatever generation: no two are handled at the same time. */
  before(topic: string, partition: number): Promise<void>;
  add(topic: string, partition: number, piece: Piece): void;
  /** Sets a piece aside as soon as there is room for it, and calls `resume` when it has ended. */
  setAside: (piece: Piece, resume: () => void) => Promise<void>;
  /** True while a piece that was set aside is likely to end soon. */
  someEndSoon(): boolean;
  /** Waits, for so long at most, until a partition is read again. */
  change(mostMs: number): Promise<void>;
  /** Tells every handler to begin nothing new, and waits until all have let go; false when they did not in time. */
  drain(mostMs: number): Promise<boolean>;
  /** Nothing more is taken into hand. */
  close(): void;
  isClosed(): boolean;
  /** From now on nothing that is in hand counts. */
  lose(): void;
}

const SOON_MS = 10_000;

/** @param maxBytes what may be set aside, in bytes; one piece always may */
export function createInHand(maxBytes: number): InHand {
  const pieces = new Map<string, Piece>();
  const aside = new Set<Piece>();
  let changed = createSignal();
  let isClosed = false;

  function notify(): void {
    changed.give();
    changed = createSignal();
  }
  const bytesAside = () => [...aside].reduce((sum, { bytes }) => sum + bytes, 0);
  const hasRoom = ({ bytes }: Piece) => aside.size === 0 || bytesAside() + bytes <= maxBytes;

  return {
    before: async (topic, partition) => pieces.get(`${topic}/${partition}`)?.done,
    add(topic, partition, piece) {
      const key = `${topic}/${partition}`;
      pieces.set(key, piece);
      void piece.done.then(() => {
        if (pieces.get(key) === piece) pieces.delete(key);
        notify();
      });
    },
    async setAside(piece, resume) {
      const isWaiting = () => [...pieces.values()].includes(piece) && piece.lease.isActive() && !hasRoom(piece);
      while (isWaiting()) await Promise.race([piece.done, changed.given]);
      aside.add(piece);
      void piece.done.then(() => {
        aside.delete(piece);
        resume();
        notify();
      });
    },
    someEndSoon: () => [...aside].some((piece) => !piece.isFailing() && Date.now() - piece.since < SOON_MS),
    async change(mostMs) {
      await within(changed.given, mostMs);
    },
    async drain(mostMs) {
      for (const { lease } of pieces.values()) lease.leave();
      return within(Promise.all([...pieces.values()].map(({ done }) => done)), mostMs);
    },
    close: () => (isClosed = true),
    isClosed: () => isClosed,
    lose() {
      for (const { lease } of pieces.values()) lease.lose(new Error('the member joins its group again'));
    },
  };
}

function createSignal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}

/** False when the time came first, or something else that ends the wait. */
export async function within(work: Promise<unknown>, ms: number, other?: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  try {
    return await Promise.race([work.then(() => true), late, ...(other ? [other.then(() => false)] : [])]);
  } finally {
    clearTimeout(timer);
  }
}
