/** Records that can be read and cannot be taken: each is set aside alone, and holds nobody up for good. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRedrive } from '../../../packages/sagaline/dead-letter/redrive.ts';
import type { Logger } from '../../../packages/sagaline/ground/logger.ts';
import { eventually, silent } from '../../support/kafka.ts';
import { quietObserver } from './support/quiet-observer.ts';
import { cancelRecord, orderRecord, orderSagaOf, withEventId } from './support/records.ts';
import { anOrderId, createWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const HOLD_MS = 500;
/** Ten thousand signals are some work for a server. */
const PATIENT = { timeout: 180_000 };

/** PostgreSQL itself refuses the inbox rows of these keys: as a violated constraint, or as an error of no known kind. */
async function refuse(keys: readonly string[], sqlState: '23514' | 'P0001'): Promise<() => Promise<unknown>> {
  await world.database.$executeRawUnsafe(`
    CREATE OR REPLACE FUNCTION poison() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.key = ANY ('{${keys.join(',')}}'::TEXT[]) THEN
        RAISE EXCEPTION 'canary@customer.example' USING ERRCODE = '${sqlState}';
      END IF;
      RETURN NEW;
    END $$`);
  await world.database.$executeRawUnsafe(
    'CREATE OR REPLACE TRIGGER poison BEFORE INSERT ON sagaline_engine.inbox FOR EACH ROW EXECUTE FUNCTION poison()',
  );
  return () => world.database.$executeRawUnsafe('DROP TRIGGER poison ON sagaline_engine.inbox');
}

/** Ingest with ears: what it logs as an error, and what it counts. */
async function startListening() {
  const errors: string[] = [];
  const logger = Object.assign(Object.create(silent) as Logger, {
    error: vi.fn((_about: unknown, message: string) => void errors.push(message)),
    warn: vi.fn(),
  });
  const deadLettered = vi.fn();
  const observer = { ...quietObserver, deadLettered };
  const ingest = await world.startIngest({ logger, observer, unknownFaultHoldMs: HOLD_MS });
  return { ingest, errors, logger, deadLettered };
}

const allStart = (orderIds: readonly string[]) => Promise.all(orderIds.map((id) => world.started(orderSagaOf(id))));
const lettersOf = (orderId: string) =>
  world.database.deadLetter.findMany({ where: { key: Buffer.from(orderId) }, orderBy: { id: 'asc' } });

describe('what a server refuses for its content', () => {
  const [before, poison, after] = [anOrderId(), anOrderId(), anOrderId()];

  test('becomes a dead letter with its cause, told in log and metrics; its neighbours start', async () => {
    const mend = await refuse([poison], '23514');
    await world.produce(orderRecord(before), orderRecord(poison), orderRecord(after));
    const { ingest, logger, deadLettered } = await startListening();

    await allStart([before, after]);
    await eventually(async () => expect(await lettersOf(poison)).toHaveLength(1));
    expect(await lettersOf(poison)).toMatchObject([
      { reason: 'unprocessable', message: 'could not be taken: SQLSTATE 23514', topic: 'order.created' },
    ]);
    expect(deadLettered).toHaveBeenCalledWith('order.created', 'unprocessable');
    expect(logger.warn).toHaveBeenCalledWith(
      expect.objectContaining({ reason: 'unprocessable', record: 'order.created/0/1' }),
      'a record became a dead letter',
    );
    await eventually(async () => expect(await world.committedOffset('order.created')).toBe(3));
    await ingest.close();
    await mend();
  });

  test('starts its saga when it is redriven, once however often', async () => {
    const ingest = await world.startIngest();
    const producer = await world.kafka.createProducer();
    const redrive = createRedrive({ producer, database: world.database });
    const [letter] = await lettersOf(poison);
    const id = letter?.id ?? 0n;
    const answers: (readonly [bigint, string])[] = [
      [id, 'sent'],
      [999_999n, 'notFound'],
    ];
    expect([...(await redrive([id, 999_999n]))]).toEqual(answers);
    expect([...(await redrive([id]))]).toEqual(answers.slice(0, 1));

    await world.started(orderSagaOf(poison));
    await eventually(async () => expect(await world.committedOffset('order.created')).toBe(5));
    expect(await world.inboxOf(orderSagaOf(poison))).toMatchObject([{ state: 'started', offset: 3n }]);
    expect(await lettersOf(poison)).toHaveLength(1);
    await producer.close();
    await ingest.close();
  });
});

describe('a failure that nobody knows', () => {
  test('buries its record when others of the topic get through, and not before it was held', async () => {
    const [poison, other] = [anOrderId(), anOrderId()];
    const mend = await refuse([poison], 'P0001');
    await world.produce(orderRecord(poison), orderRecord(other));
    const { ingest, errors } = await startListening();

    await world.started(orderSagaOf(other));
    await eventually(async () => expect(await lettersOf(poison)).toHaveLength(1));
    expect(await lettersOf(poison)).toMatchObject([{ message: 'could not be taken: SQLSTATE P0001' }]);
    expect(errors[0]).toMatch(/is held/);
    await ingest.close();
    await mend();
  });

  test('that meets all records of a topic buries none of them, and they start when it is mended', async () => {
    const orderIds = Array.from({ length: 10 }, anOrderId);
    const mend = await refuse(orderIds, 'P0001');
    await world.produce(...orderIds.map((id) => orderRecord(id)));
    const { ingest, errors } = await startListening();

    // Several rounds, of which each takes longer than the time after which one alone would be buried.
    await eventually(() => expect(errors.length).toBeGreaterThan(3 * orderIds.length));
    expect((await Promise.all(orderIds.map(lettersOf))).flat()).toEqual([]);
    await mend();
    await allStart(orderIds);
    await ingest.close();
  });
});

describe('what Temporal refuses', () => {
  test(
    'a signal above the limit of its workflow is set aside; other signals, and other sagas, go on',
    PATIENT,
    async () => {
      const [full, other] = [anOrderId(), anOrderId()];
      const { ingest } = await startListening();
      await world.produce(orderRecord(full), orderRecord(other));
      await allStart([full, other]);
      await fillWithSignals(orderSagaOf(full));

      await world.produce(withEventId(cancelRecord(full), `c-${full}`), withEventId(cancelRecord(other), `c-${other}`));
      await eventually(async () => expect(await world.signalsOf(orderSagaOf(other))).toHaveLength(1));
      await eventually(async () => expect(await lettersOf(full)).toHaveLength(1));
      expect(await lettersOf(full)).toMatchObject([
        { topic: 'order.cancel-requested', reason: 'unprocessable', message: 'could not be taken: gRPC 3' },
      ]);
      await eventually(async () =>
        expect(await world.inboxOf(orderSagaOf(full))).toMatchObject([{ state: 'started' }, { state: 'deadLettered' }]),
      );
      expect(await world.database.saga.findUnique({ where: { workflowId: orderSagaOf(full) } })).toMatchObject({
        state: 'running',
      });
      await ingest.close();
    },
  );

  /** Until the server says that it is enough: ten thousand by default. */
  async function fillWithSignals(workflowId: string): Promise<void> {
    const handle = world.temporal.client.workflow.getHandle(workflowId);
    let full = false;
    const fill = async (): Promise<void> => {
      while (!full) await handle.signal('unknown').catch(() => (full = true));
    };
    await Promise.all(Array.from({ length: 64 }, fill));
  }
});
