/** recordEvent: the event is there if, and only if, the business row is. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applicationTables } from '../../../prisma/application.ts';
import { EventIdReused, InvalidEvent } from '../../../packages/sagaline/outbox/failures.ts';
import { refuseUnlessSagaLetsAct } from '../../../packages/sagaline/participants/local/fence.ts';
import { recordEvent, recordEventSql } from '../../../packages/sagaline/outbox/record-event.ts';
import { createClient } from '../../../packages/sagaline/prisma/connection.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { events, type Payload } from '../../../workflows/events.ts';
import { aNewOrder, aNewUser as aUser } from '../../support/orders.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stack.ts';

/** Addresses are unique, too. */
const aNewUser = ({ userId, name } = aUser()) => ({ userId, name, email: `${userId}@customer.example` });

describe('recordEvent', () => {
  let scratch: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    scratch = await createTestDatabase();
    database = createDatabase({ url: scratch.url, poolSize: 10, acquireTimeoutMs: 20_000 });
  });
  afterAll(async () => {
    await database.$disconnect();
    await scratch.close();
  });

  const recorded = (key: string) => database.outboxEvent.findMany({ where: { key }, orderBy: { id: 'asc' } });
  const activity = (userId: string, action: string): Payload<'user.activity'> => ({ userId, action });

  test('writes the event beside the row, with id, key, topic and trace context', async () => {
    const user = aNewUser();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const fact = await applicationTables(database).$transaction(async (tx) => {
      await tx.user.create({ data: user });
      return await recordEvent(tx, events['user.created'], user, { traceparent });
    });
    expect(fact).toEqual({ eventId: `user.created/${user.userId}`, fresh: true });
    const [event, ...more] = await recorded(user.userId);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      ...{ eventId: fact.eventId, type: 'user.created', topic: 'user.created' },
      traceparent,
    });
    expect(event?.payload).toEqual(user);
  });

  test('a transaction that fails afterwards leaves neither', async () => {
    const user = aNewUser();
    const failing = applicationTables(database).$transaction(async (tx) => {
      await tx.user.create({ data: user });
      await recordEvent(tx, events['user.created'], user);
      throw new Error('the business says no');
    });
    await expect(failing).rejects.toThrow('the business says no');
    expect(await recorded(user.userId)).toEqual([]);
    expect(await applicationTables(database).user.findUnique({ where: { userId: user.userId } })).toBeNull();
  });

  test('what is no event of its type is refused by path, and takes the row with it', async () => {
    const order = { ...aNewOrder(), items: [{ sku: 'book', quantity: 0, unitPrice: 1 }], currency: 'euro' };
    const failing = applicationTables(database).$transaction(async (tx) => {
      await tx.user.create({ data: aNewUser(aUser({ userId: order.orderId })) });
      await recordEvent(tx, events['order.created'], order);
    });
    const error = (await failing.catch((thrown: unknown) => thrown)) as InvalidEvent;
    expect(error).toBeInstanceOf(InvalidEvent);
    expect(error.problems.map(({ path }) => path)).toEqual(['currency', 'items[0].quantity']);
    expect(error.message).toMatch(/^this is no valid order\.created, .*currency: must be an ISO 4217 code/);
    expect(error.message).not.toContain('euro');
    expect(await recorded(order.orderId)).toEqual([]);
    expect(await applicationTables(database).user.count({ where: { userId: order.orderId } })).toBe(0);
  });

  test('what PostgreSQL cannot store is refused before it is asked', async () => {
    const { userId } = aNewUser();
    const unstorable = activity(userId, 'a\0b');
    await expect(database.$transaction((tx) => recordEvent(tx, events['user.activity'], unstorable))).rejects.toThrow(
      /action: must not contain U\+0000/,
    );
  });

  test('fields that the schema does not know stay out', async () => {
    const user = aNewUser();
    await database.$transaction((tx) =>
      recordEvent(tx, events['user.created'], { ...user, password: 'hunter2' } as typeof user),
    );
    expect((await recorded(user.userId))[0]?.payload).toEqual(user);
  });

  test('the same fact again is the same event, whatever the order of its fields', async () => {
    const { userId, email, name } = aNewUser();
    const record = (payload: Payload<'user.created'>) =>
      database.$transaction((tx) => recordEvent(tx, events['user.created'], payload));
    expect((await record({ userId, email, name })).fresh).toBe(true);
    expect((await record({ name, email, userId })).fresh).toBe(false);
    expect(await recorded(userId)).toHaveLength(1);
  });

  test('a second fact under the id of a first is refused, not lost', async () => {
    const { userId } = aNewUser();
    const record = (action: string, eventId?: string) =>
      database.$transaction((tx) => recordEvent(tx, events['user.activity'], activity(userId, action), { eventId }));
    await record('viewed');
    await expect(record('added')).rejects.toThrow(EventIdReused);
    await record('added', `${userId}/2`);
    expect((await recorded(userId)).map(({ eventId }) => eventId)).toEqual([`user.activity/${userId}`, `${userId}/2`]);
  });

  test('20 transactions at once that record one fact: one event, and all of them succeed', async () => {
    const user = aNewUser();
    const facts = await Promise.all(
      Array.from({ length: 20 }, () =>
        database.$transaction((tx) => recordEvent(tx, events['user.created'], user), {
          maxWait: 30_000,
          timeout: 30_000,
        }),
      ),
    );
    expect(facts.filter(({ fresh }) => fresh)).toHaveLength(1);
    expect(await recorded(user.userId)).toHaveLength(1);
  });

  test('as a piece of SQL it is part of one statement', async () => {
    const user = aNewUser();
    const event = recordEventSql(events['user.created'], user);
    const insert = () => database.$queryRaw<{ fresh: boolean }[]>`
      WITH signed_up AS (
        INSERT INTO "users" ("user_id", "email", "name") VALUES (${user.userId}, ${user.email}, ${user.name})
        ON CONFLICT DO NOTHING RETURNING 1
      ) SELECT ${event} AS "fresh" FROM signed_up`;
    expect(await insert()).toEqual([{ fresh: true }]);
    expect(await insert()).toEqual([]);
    expect(await recorded(user.userId)).toHaveLength(1);
  });

  test('is part of a transaction of pg, too, whatever its search_path', async () => {
    const client = createClient({ url: scratch.url, applicationName: 'sagaline-test' });
    await client.connect();
    // As in somebody else's database: nothing of ours is on the way, and a table of theirs has the name of one of ours.
    await client.query('CREATE SCHEMA "shop"; SET search_path = "shop"; CREATE TABLE "outbox" ("note" TEXT)');
    const { userId } = aNewUser();
    const record = (action: string) => recordEvent(client, events['user.activity'], activity(userId, action));

    await client.query('BEGIN');
    expect(await record('viewed')).toMatchObject({ fresh: true });
    await client.query('ROLLBACK');
    expect(await recorded(userId)).toEqual([]);

    await client.query('BEGIN');
    expect(await record('viewed')).toMatchObject({ fresh: true });
    expect(await record('viewed')).toMatchObject({ fresh: false });
    await refuseUnlessSagaLetsAct(client, `orderSaga:${userId}`, 'k');
    await client.query('COMMIT');
    await expect(record('added')).rejects.toThrow(EventIdReused);
    expect(await recorded(userId)).toMatchObject([{ payload: { userId, action: 'viewed' } }]);
    expect((await client.query('SELECT FROM "outbox"')).rowCount).toBe(0);
    await client.end();
  });

  test("is part of a transaction of another client of Prisma's, whose tables are in another schema", async () => {
    const url = new URL(scratch.url);
    url.searchParams.set('schema', 'their shop');
    await database.$executeRaw`CREATE SCHEMA "their shop"`;
    await database.$executeRaw`CREATE TABLE "their shop"."users" (LIKE public."users" INCLUDING ALL)`;
    const theirs = createDatabase({ url: url.href, poolSize: 2, acquireTimeoutMs: 5_000 });
    const user = aNewUser();
    await applicationTables(theirs).$transaction(async (tx) => {
      await tx.user.create({ data: user });
      await recordEvent(tx, events['user.created'], user);
    });
    expect(await recorded(user.userId)).toHaveLength(1);
    expect(await database.$queryRaw`SELECT "email" FROM "their shop"."users"`).toEqual([{ email: user.email }]);
    expect(await applicationTables(database).user.count({ where: { userId: user.userId } })).toBe(0);
    await theirs.$disconnect();
  });

  test('is recorded by a role that has no more than what docs/upgrade.md grants', async () => {
    const guide = await readFile(new URL('../../../docs/upgrade.md', import.meta.url), 'utf8');
    const grants = /```sql\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
    expect(grants).toContain(' TO shop;');
    // Roles are the whole server's.
    const role = `shop_${randomUUID().replaceAll('-', '')}`;
    const client = createClient({ url: scratch.url, applicationName: 'sagaline-test' });
    await client.connect();
    await client.query(`CREATE ROLE ${role}; ${grants.replaceAll(' TO shop;', ` TO ${role};`)}`);
    const { userId } = aNewUser();
    const record = () => recordEvent(client, events['user.activity'], activity(userId, 'viewed'));
    await client.query(`BEGIN; SET LOCAL ROLE ${role}`);
    expect(await record()).toMatchObject({ fresh: true });
    expect(await record()).toMatchObject({ fresh: false });
    await client.query('COMMIT');
    expect(await recorded(userId)).toHaveLength(1);
    await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await client.end();
  });
});
