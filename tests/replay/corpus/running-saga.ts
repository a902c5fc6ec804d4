import proto from '@temporalio/proto';
import { createSagaWorkflows } from '../../../packages/sagaline/http/sagas/temporal/saga-workflows.ts';
import { startEventId } from '../../../packages/sagaline/events/event-id.ts';
import { createSagaSignaller } from '../../../packages/sagaline/temporal/signal-saga.ts';
import { createSagaStarter } from '../../../packages/sagaline/temporal/start-saga.ts';
import type { EventType, Payload } from '../../../workflows/events.ts';
import {
  workflowIdOf,
  type FollowUp,
  type Resolution,
  type SagaInput,
} from '../../../packages/sagaline/contracts/saga.ts';
import { fetchHistory } from '../support/namespace.ts';
import type { NamedHistory } from '../../../packages/sagaline/testing/replay/histories.ts';
import type { Servers } from './servers.ts';
import { until } from './until.ts';

const STARTED = proto.temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_STARTED;

/** From the W3C's trace context recommendation. */
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

export interface SagaToStart<T extends EventType = EventType> {
  readonly sagaName: string;
  readonly sagaId: string;
  readonly type: T;
  readonly data: Payload<T>;
  /** What came before the saga. */
  readonly followUps?: readonly FollowUp[];
  /** Shorter durations than the definition's own: nobody waits for days. */
  readonly settings?: NonNullable<SagaInput['settings']>;
}

export type RunningSaga = Awaited<ReturnType<typeof startSaga>>;

/** Starts a saga as ingest does; what it returns talks to it as ingest, the HTTP API and an operator do. */
export async function startSaga({ temporal, taskQueue }: Servers, saga: SagaToStart) {
  const { client } = temporal;
  const { sagaName, sagaId, type, data, followUps, settings } = saga;
  const workflowId = workflowIdOf(sagaName, sagaId);
  const handle = client.workflow.getHandle(workflowId);
  const workflows = createSagaWorkflows(client);
  const signal = createSagaSignaller(client);

  const start = createSagaStarter({ temporal, taskQueue, settings: settings ? { [sagaName]: settings } : {} });
  const started = await start({
    ...{ sagaName, type, businessKey: sagaId },
    input: {
      sagaId,
      eventId: startEventId(type, sagaId),
      data,
      source: { topic: type, partition: 0, offset: '0' },
      traceparent: TRACEPARENT,
      ...(followUps ? { followUps } : {}),
    },
  });
  if (started !== 'started') throw new Error(`${workflowId} had been started before`);

  return {
    workflowId,

    /** Brings it an event, as ingest does. */
    async tell<T extends EventType>(event: T, payload: Payload<T>): Promise<void> {
      await signal(workflowId, { type: event, eventId: `pos:${event}/0/${sagaId}`, data: payload });
    },

    /** Cancels it as the HTTP API does. */
    async cancelByHttp(reason: string): Promise<void> {
      await workflows.cancel(workflowId, { reason, by: 'operator', requestId: `cancel-${sagaId}` });
    },

    /** Cancels it as the Temporal UI does. */
    cancelInTemporal: () => handle.cancel(),

    async resolve(step: string, resolution: Resolution): Promise<void> {
      await workflows.resolveParked(workflowId, { step, resolution, idempotencyKey: undefined });
    },

    /** Resolves when the provider, or whoever it is, has been asked and has not answered yet. */
    untilAsking: (step: string) =>
      until(`${workflowId} asks for ${step}`, async () => {
        const { raw } = await handle.describe();
        return (raw.pendingActivities ?? []).some(({ activityId, state }) => activityId === step && state === STARTED);
      }),

    untilParked: (step: string) =>
      until(`${workflowId} parks at ${step}`, async () => {
        const { parked } = await handle.query<{ parked: readonly string[] }>('journey');
        return parked.includes(step);
      }),

    /** Resolves when that many timers have been started. */
    untilTimers: (count: number) =>
      until(`${workflowId} starts timer ${count}`, async () => {
        const { events } = await handle.fetchHistory();
        return (events ?? []).filter((event) => event.timerStartedEventAttributes).length >= count;
      }),

    /** Resolves with its whole history, once it has come to its end. */
    async history(): Promise<NamedHistory> {
      await until(`${workflowId} ends`, async () => (await handle.describe()).status.name === 'COMPLETED');
      return fetchHistory(client, workflowId);
    },
  };
}
