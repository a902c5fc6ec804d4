import { workflowIdOf } from 'sagaline';
import type { Database, RecordProducer } from 'sagaline/dev';
import { fetchJson, type StackAddresses, UnexpectedAnswer } from 'sagaline/dev';
import type { EventsSeen } from '../events-seen.ts';

/** A step as GET /v1/sagas/:id shows it. */
export interface ShownStep {
  readonly name: string;
  readonly state: string;
  readonly attempts: number;
  readonly failure?: string;
  readonly compensation?: { readonly state: string; readonly attempts: number };
}

export interface ShownSaga {
  readonly id: string;
  readonly state: string;
  readonly parked: readonly string[];
  readonly steps: readonly ShownStep[];
  readonly temporal: { readonly url: string };
}

/** What a scene can do, always from outside: produce records, ask the gateway, look into the provider's ledger. */
export type World = ReturnType<typeof createWorld>;

interface WorldDeps {
  readonly addresses: StackAddresses;
  readonly producer: RecordProducer;
  readonly events: EventsSeen;
  readonly database: Database;
  /** For the gateway, if it wants one. */
  readonly apiKey?: string | undefined;
}

const POLL_MS = 50;

export function createWorld({ addresses, producer, events, database, apiKey }: WorldDeps) {
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const sagaUrl = (id: string) => `${addresses.gatewayUrl}/v1/sagas/${encodeURIComponent(id)}`;

  async function until<T>(what: string, look: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
    const giveUpAt = Date.now() + withinMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > giveUpAt) throw new Error(`${what} did not happen within ${withinMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async function saga(id: string): Promise<ShownSaga | undefined> {
    try {
      return await fetchJson<ShownSaga>(sagaUrl(id), undefined, headers);
    } catch (error) {
      if (error instanceof UnexpectedAnswer && error.status === 404) return undefined;
      throw error;
    }
  }

  return {
    events,
    saga,
    until,
    /** Plain JSON, keyed by business key, as a producer that knows nothing of us sends it. */
    async produce(topic: string, key: string, value: unknown): Promise<void> {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      await producer.send([{ topic, key, value: text, headers: {} }]);
    },
    /** Many at once. */
    async produceAll(
      topic: string,
      values: readonly { readonly key: string; readonly value: string }[],
    ): Promise<void> {
      await producer.send(values.map(({ key, value }) => ({ topic, key, value, headers: {} })));
    },
    untilStep: (sagaName: string, sagaId: string, step: string) =>
      until(`step ${step} of ${sagaId}`, async () => {
        const shown = await saga(workflowIdOf(sagaName, sagaId));
        return shown?.steps.some(({ name }) => name === step) ? shown : undefined;
      }),
    untilParked: (id: string) =>
      until(`parking of ${id}`, async () => {
        const shown = await saga(id);
        return shown && shown.parked.length > 0 ? shown : undefined;
      }),
    untilParkedEvent: (workflowId: string) =>
      until(
        `a parked event of ${workflowId}`,
        async () => (await database.inboxEvent.findFirst({ where: { workflowId, state: 'parked' } })) ?? undefined,
      ),
    retry: (id: string, step: string) =>
      fetchJson(`${sagaUrl(id)}/parked/${step}/retry`, { by: 'demo-operator' }, headers),
    allowRefunds: (orderId: string) => fetchJson(`${addresses.paymentUrl}/v1/sandbox/refunds/allow`, { orderId }),
    ledger: (orderId: string) => fetchJson<Ledger>(`${addresses.paymentUrl}/v1/ledger?orderId=${orderId}`),
  };
}

/** The provider's own book, amounts in minor units. */
export interface Ledger {
  readonly entries: readonly { readonly type: string; readonly amount: number }[];
}
