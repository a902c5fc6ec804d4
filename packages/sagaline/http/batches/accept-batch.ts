import { createHash } from 'node:crypto';
import type { EventValue } from '../../contracts/event.ts';
import type { AppContext } from '../env.ts';
import { idempotentRequest, type IdempotencyStore } from '../idempotency.ts';
import type { HttpDeps } from '../ports.ts';
import { unavailable } from '../problem.ts';
import { validTraceparent } from '../../events/traceparent.ts';
import type { ProducedRecord } from '../../kafka/port.ts';
import { withinMs } from '../within.ts';
import { bodyChunks, type BodyBudget } from '../body-budget.ts';
import { createGate } from '../gate.ts';
import { readBatch, type LineError } from './read-batch.ts';

/**
 * Batches of one process between the last byte of their body and Kafka's acknowledgement. Their places outlast the answer: when
 * Kafka hangs, a batch that was answered 503 still waits in the producer, and callers that repeat it must not fill this process
 * with copies.
 */
export const MAX_BATCHES = 16;

export interface BatchAnswer {
  /** Kafka has them: every in-sync replica. */
  readonly accepted: number;
  readonly refused: number;
  readonly errors: readonly LineError[];
  /** How many more errors there are. */
  readonly untold: number;
}

type Deps = Pick<HttpDeps, 'producer' | 'options'> & {
  readonly idempotency: IdempotencyStore;
  readonly budget: BodyBudget;
};

/** Takes a batch of events: straight into Kafka, by one send, for what is only counted or looked at needs no row of its own. */
export function createAcceptBatch({ producer, options, idempotency, budget }: Deps) {
  const max = Math.min(MAX_BATCHES, options.maxInFlight);
  const gate = createGate({ max, full: `${max} batches are on their way to Kafka` });

  /** @throws Problem body-too-large, too-many-requests, idempotency-key-reused, unavailable */
  return async function acceptBatch(c: AppContext, event: EventValue): Promise<BatchAnswer> {
    const share = budget.share();
    let leave = (): void => undefined;
    let sending: Promise<unknown> = Promise.resolve();
    try {
      const digest = c.req.header('idempotency-key') === undefined ? undefined : createHash('sha256');
      const traceparent = validTraceparent(c.req.header('traceparent'));
      const { records, refused, errors } = await readBatch(bodyChunks(c.req.raw.body, share), {
        event,
        maxBytes: options.batchLimitBytes,
        headers: traceparent === undefined ? {} : { traceparent },
        onChunk: digest && ((chunk) => void digest.update(chunk)),
      });
      const answer = { accepted: records.length, refused, errors, untold: refused - errors.length };
      if (records.length === 0) return answer;

      // Not before the body is there: a slow one would hold the place.
      leave = gate.enter();
      c.set('body', digest?.digest('hex'));
      const request = idempotentRequest(c);
      const known = request && (await idempotency.find<BatchAnswer>(request));
      if (known) return known;
      sending = producer.send(records);
      await acknowledged(sending, records);
      // Afterwards, unlike a single event's: an answer that is stored must never stand for records that Kafka has not.
      return request ? await idempotency.remember(request, 202, answer) : answer;
    } finally {
      void sending
        .catch(() => undefined)
        .finally(() => {
          leave();
          share.release();
        });
    }
  };

  async function acknowledged(sending: Promise<unknown>, { length }: readonly ProducedRecord[]): Promise<void> {
    try {
      await withinMs(options.produceTimeoutMs, sending);
    } catch (cause) {
      const what = `Kafka has not acknowledged the ${length} record(s); repeat the batch, part of which may be there twice then`;
      throw unavailable(what, cause);
    }
  }
}
