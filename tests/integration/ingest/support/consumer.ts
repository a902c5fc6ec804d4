/** A consumer's work without its consumer: chunks are handled when a test says so, and two of them interleave as it likes. */
import pLimit from 'p-limit';
import { createSagaWorkflows } from '../../../../packages/sagaline/http/sagas/temporal/saga-workflows.ts';
import { createBurial } from '../../../../packages/sagaline/dead-letter/bury.ts';
import { createDeadLetters } from '../../../../packages/sagaline/dead-letter/create-dead-letters.ts';
import { createInboxSweeper } from '../../../../packages/sagaline/ingest/inbox-sweeper.ts';
import { createBurialRule } from '../../../../packages/sagaline/ingest/burial-rule.ts';
import { createFollowUpDelivery } from '../../../../packages/sagaline/ingest/deliver-follow-up.ts';
import { createGiveUp } from '../../../../packages/sagaline/ingest/give-up.ts';
import { createChunkHandler } from '../../../../packages/sagaline/ingest/handle-chunk.ts';
import type { IngestObserver } from '../../../../packages/sagaline/ingest/observer.ts';
import { createTakeUpWaiting } from '../../../../packages/sagaline/ingest/take-up-waiting.ts';
import type { ConsumedRecord, ProducedRecord, RecordProducer } from '../../../../packages/sagaline/kafka/port.ts';
import { createReplaySeal } from '../../../../packages/sagaline/replay/replay-seal.ts';
import { createKeepCancel } from '../../../../packages/sagaline/sagas/keep-cancel.ts';
import { createSagaLookup } from '../../../../packages/sagaline/temporal/saga-exists.ts';
import { createSagaSignaller } from '../../../../packages/sagaline/temporal/signal-saga.ts';
import { createSagaStarter, type SagaStarter } from '../../../../packages/sagaline/temporal/start-saga.ts';
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
