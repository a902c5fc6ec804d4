import type { Database } from '../../prisma/database.ts';
import type { RecordProducer } from '../../kafka/port.ts';
import { createRedrive } from '../../dead-letter/redrive.ts';
import { decisionOf, letterId, noLetter } from './list.ts';
import { Problem, unavailable } from '../problem.ts';
import { withinMs } from '../within.ts';

interface Deps {
  readonly database: Database;
  readonly producer: Pick<RecordProducer, 'send'>;
  /** How long Kafka may take before the answer is 503, in ms. */
  readonly produceTimeoutMs: number;
}

export interface Dismissal {
  readonly by: string;
  readonly reason: string;
}

/** What a decision came to, and whose it was: of two clicks, both get the first one's answer. */
export type Decided = ReturnType<typeof decisionOf> & { readonly id: string };

/** An operator's word on a dead letter. The row is locked while it is decided, so that nothing is decided twice. */
export function createDecideDeadLetter({ database, producer, produceTimeoutMs }: Deps) {
  const redriveRecords = createRedrive({ database, producer });

  async function decide(
    id: string,
    wanted: 'redriven' | 'dismissed',
    { by, reason, act }: { by: string; reason?: string; act?: (id: bigint) => Promise<void> },
  ): Promise<Decided> {
    const letter = letterId(id);
    return database.$transaction(async (tx) => {
      const [locked] = await tx.$queryRaw<{ state: string }[]>`
        SELECT "state" FROM "sagaline_engine"."dead_letters" WHERE "id" = ${letter} FOR UPDATE`;
      if (!locked) throw noLetter();
      if (locked.state !== 'open' && locked.state !== wanted) {
        throw new Problem('decided-otherwise', `the dead letter is ${locked.state} already`);
      }
      if (locked.state === 'open') {
        await act?.(letter);
        const decision = { state: wanted, decidedBy: by, decidedAt: new Date(), decisionReason: reason ?? null };
        await tx.deadLetter.update({ where: { id: letter }, data: decision });
      }
      const row = await tx.deadLetter.findUniqueOrThrow({
        where: { id: letter },
        omit: { key: true, value: true, headers: true },
      });
      return { id, ...decisionOf(row) };
    });
  }

  return {
    /**
     * Produces the record once more, with its key, value and headers; it is the same event as before. Should this process die
     * between Kafka and the row, the letter is open still, and redriving again has one effect all the same.
     *
     * @throws Problem not-found, decided-otherwise, letter-incomplete, unavailable
     */
    redrive: (id: string, by: string): Promise<Decided> =>
      decide(id, 'redriven', {
        by,
        async act(letter) {
          if ((await sent(letter)) === 'notKept') {
            throw new Problem(
              'letter-incomplete',
              'the record was too large to be kept whole: let its producer send it again',
            );
          }
        },
      }),

    /** @throws Problem not-found, decided-otherwise */
    dismiss: (id: string, dismissal: Dismissal): Promise<Decided> => decide(id, 'dismissed', dismissal),
  };

  async function sent(letter: bigint) {
    try {
      return (await withinMs(produceTimeoutMs, redriveRecords([letter]))).get(letter);
    } catch (cause) {
      throw unavailable('the record cannot be produced at the moment; repeat the request', cause);
    }
  }
}
