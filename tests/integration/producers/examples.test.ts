/** The producers that docs/producers.md shows, in their languages, against the real broker: ingest takes what they send. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brokers, eventually, textOf } from '../../support/kafka.ts';
import { createWorld, type World } from '../ingest/support/world.ts';
import { go, java, python } from './support/examples.ts';

const PATIENCE = 240_000;
const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;
const goExample = await go();
const examples = [await java(), await python(), goExample];

describe('events that other languages produce', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(3);
    await world.startIngest();
  }, PATIENCE);
  afterAll(async () => {
    await goExample.close();
    await world.close();
  });

  for (const example of examples) {
    const missing = 'missing' in example ? ` (skipped: ${example.missing})` : '';

    test.skipIf(missing !== '')(`${example.language}${missing}`, { timeout: PATIENCE }, async () => {
      if ('missing' in example) return;
      const [userId, orderId] = [`u-${randomUUID()}`, `o-${randomUUID()}`];
      const produce = () => example.run([brokers(), userId, orderId], { TOPIC_PREFIX: `${world.prefix}.` });
      // Topics are acknowledged in any order.
      const said = (await produce()).trim().split('\n').sort();
      expect(said).toEqual([/^order\.created: offset \d+$/, /^user\.created: offset \d+$/].map(matching));

      const [signUp, order] = [`signupSaga:${userId}`, `orderSaga:${orderId}`];
      await Promise.all([world.started(signUp), world.started(order)]);
      expect(await world.inputOf(signUp)).toMatchObject({
        eventId: `key:user.created:${userId}`,
        data: { userId, email: `${userId}@customer.example`, name: 'Ada' },
      });
      const input = await world.inputOf(order);
      expect(input).toMatchObject({
        data: { orderId, customerId: userId, amount: 1999, currency: 'EUR' },
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      });
      expect(input?.eventId).toMatch(/^ce:\/shop\/checkout:[0-9a-f-]{32,36}$/);

      // Sent again, it is the same event; and whoever sends, a key has one partition, so that its events keep their order.
      await produce();
      await world.produce({ topic: 'order.created', key: orderId, value: 'not an order' });
      const last = await eventuallyDeadLettered(orderId);
      const rows = await world.inboxOf(order);
      expect(rows.map(({ eventId, partition, offset }) => ({ eventId, partition, offset }))).toEqual([
        { eventId: input?.eventId, partition: last.partition, offset: last.offset - 2n },
      ]);
    });
  }

  /** The dead letter of a key's last record: everything before it in its partition has been handled. */
  async function eventuallyDeadLettered(key: string) {
    let found: Awaited<ReturnType<typeof world.database.deadLetter.findMany>>[number] | undefined;
    await eventually(async () => {
      const letters = await world.database.deadLetter.findMany({ where: { topic: 'order.created' } });
      found = letters.find((letter) => textOf(letter.key && Buffer.from(letter.key)) === key);
      expect(found).toBeDefined();
    });
    if (!found) throw new Error('no dead letter');
    return found;
  }
});
