/** The outbox as the relay's tests write it: through append_outbox(), as activities do. */
import pg from 'pg';
import { createRelay, type Relay, type RelayDeps } from '../../../packages/sagaline/relay/create-relay.ts';
import type { RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
import { silent } from '../../support/kafka.ts';

/** Runs `use` on a connection of its own. */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export interface TestEvent {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly n?: number;
  /** In bytes, beside what every payload has. */
  readonly padding?: number;
}

/** Appends in the transaction that is open on `client`, or in one of its own. */
export async function append(client: pg.Client, ...events: readonly TestEvent[]): Promise<void> {
  for (const { id, topic, key, n = 0, padding = 0 } of events) {
    await client.query('SELECT sagaline_engine.append_outbox($1, $2, $2, $3, $4::jsonb, $5, $6)', [
      id,
      topic,
      key,
      JSON.stringify({ orderId: key, n, ...(padding > 0 ? { padding: 'x'.repeat(padding) } : {}) }),
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      `orderSaga:${key}`,
    ]);
  }
}

export interface StoredEvent {
  readonly id: number;
  readonly eventId: string;
  readonly key: string;
  readonly published: boolean;
}

/** Every row, by id: within a key, the order in which the transactions committed. */
export async function storedEvents(databaseUrl: string): Promise<StoredEvent[]> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<StoredEvent>(
      'SELECT id::int, event_id AS "eventId", key, published_at IS NOT NULL AS published FROM sagaline_engine.outbox ORDER BY id',
    ),
  );
  return rows;
}

export type StartRelay = (overrides?: Partial<RelayDeps>) => Relay;

/** Makes relays that poll seldom: what is quick in these tests is quick by notification. */
export function relays(databaseUrl: string, producer: RecordProducer): StartRelay {
  return (overrides = {}) =>
    createRelay({ databaseUrl, producer, failpoint: () => undefined, logger: silent, pollMs: 500, ...overrides });
}
