/** A consumer's work without its consumer: chunks are handled when a test says so, and two of them interleave as it likes. */
import pLimit from 'p-limit';
import { createSagaWorkflows } from '../../../../gateways/http/temporal/saga-workflows.ts';
import { createBurial } from '../../../../gateways/kafka/dead-letter/bury.ts';
import { createDeadLetters } from '../../../../gateways/kafka/dead-letter/create-dead-letters.ts';
import { createInboxSweeper } from '../../../../gateways/kafka/inbox-sweeper.ts';
import { createBurialRule } from '../../../../gateways/kafka/ingest/burial-rule.ts';
import { createFollowUpDelivery } from '../../../../gateways/kafka/ingest/deliver-follow-up.ts';
import { createGiveUp } from '../../../../gateways/kafka/ingest/give-up.ts';
import { createChunkHandler } from '../../../../gateways/kafka/ingest/handle-chunk.ts';
import type { IngestObserver } from '../../../../gateways/kafka/ingest/observer.ts';
import { createTakeUpWaiting } from '../../../../gateways/kafka/ingest/take-up-waiting.ts';
import type { ConsumedRecord, ProducedRecord, RecordProducer } from '../../../../gateways/kafka/port.ts';
import { createReplaySeal } from '../../../../gateways/kafka/replay/replay-seal.ts';
import { createKeepCancel } from '../../../../gateways/sagas/keep-cancel.ts';
import { createSagaLookup } from '../../../../gateways/temporal/saga-exists.ts';
import { createSagaSignaller } from '../../../../gateways/temporal/signal-saga.ts';
import { createSagaStarter, type SagaStarter } from '../../../../gateways/temporal/start-saga.ts';
import type { World } from './world.ts';

export interface ConsumerOptions {
  readonly producer: RecordProducer;
  /** Runs after the saga's row is committed, before its workflow is started. */
  readonly beforeStart?: (() => Promise<void>) | undefined;
  readonly observer?: IngestObserver;
}

const once = <T>(_operation: string, run: () => Promise<T>): Promise<T> => run();

export function consumerOf(world: World, { producer, beforeStart, observer }: ConsumerOptions) {
  const deps = { ...world.deps, ...(observer && { observer }) };
  const start = createSagaStarter({ temporal: deps.temporal, taskQueue: world.prefix, settings: {} });
  const startSaga: SagaStarter = async (saga) => {
    await beforeStart?.();
    return start(saga);
  };
  const { client } = deps.temporal;
  const workflows = createSagaWorkflows(client);
  const inspect: typeof workflows.inspect = (id, wants) => workflows.inspect(id, wants);
  const keepCancel = createKeepCancel({ database: deps.database, inspect });
  const deliverFollowUp = createFollowUpDelivery({ ...deps, keepCancel, signalSaga: createSagaSignaller(client) });
  const burial = createBurial({ ...deps, deadLetters: createDeadLetters(producer, deps.database) });
  const takeUp = createTakeUpWaiting({ ...deps, startSaga, deliverFollowUp, burial });
  const ways = { startSaga, deliverFollowUp, burial, takeUp };
  const handleChunk = createChunkHandler({ ...deps, ...ways, seal: createReplaySeal('secret'), limit: pLimit(8) });
  return {
    handle: (records: readonly ConsumedRecord[]) => handleChunk(records, once),
    /** One that takes an event up that was recorded longer than `overdueMs` ago. */
    sweep: async (overdueMs = 60_000): Promise<void> => {
      const isStarted = createSagaLookup(deps.temporal.client);
      const sweeper = createInboxSweeper({
        ...{ ...deps, ...ways, overdueMs, parkedWindowMs: 60_000 },
        rule: createBurialRule(),
        giveUp: createGiveUp({ ...deps, ...ways, isStarted }),
      });
      await sweeper.sweep().finally(() => sweeper.close());
    },
  };
}

let offset = 0;

/** The record as a consumer would have it, at a place of its own. */
export function consumed(
  { topic, key, value, headers = {} }: Pick<ProducedRecord, 'topic' | 'key' | 'value'> & Partial<ProducedRecord>,
  partition = 0,
): ConsumedRecord {
  const place = { topic, partition, offset: String(offset++), timestamp: Date.now() };
  const bytes = (part: Buffer | string | null) => (part === null ? null : Buffer.from(part));
  return { ...place, key: bytes(key), value: bytes(value), headers };
}
