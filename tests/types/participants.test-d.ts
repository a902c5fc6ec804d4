/* eslint @typescript-eslint/no-unsafe-call: off, @typescript-eslint/no-unsafe-return: off, @typescript-eslint/no-unsafe-member-access: off
   -- what does not compile has no type */
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { createParticipants, type Activities } from '../../packages/sagaline/participants/create-participants.ts';
import { localParticipant, remoteParticipant, secret, type Http } from '../../packages/sagaline/node.ts';
import { local, remote } from '../../packages/sagaline/kernel/participants.ts';

export const stock = remoteParticipant('stock', {
  env: { STOCK_URL: z.url(), STOCK_API_KEY: secret(z.string().optional()), STOCK_ATTEMPTS: z.coerce.number() },
  create: ({ env, http }) => {
    expectTypeOf(env).toEqualTypeOf<{
      readonly STOCK_URL: string;
      readonly STOCK_API_KEY: string | undefined;
      readonly STOCK_ATTEMPTS: number;
    }>();
    expectTypeOf(http).toEqualTypeOf<Http>();
    return {
      reserve: ({ sku }: { sku: string; key: string }) => Promise.resolve({ reserved: sku }),
      release: (_: { actionKey: string }) => Promise.resolve(),
    };
  },
});
export const counts = localParticipant('counts', {
  create: () => ({ add: ({ by }: { by: number; key: string }) => Promise.resolve(by) }),
});

/** Type-checked, never run. */
function notCalled(_: () => unknown): void {
  // Nothing to do.
}

describe('a participant, as a saga calls it', () => {
  test('has its methods, with what they take and return', () => {
    notCalled(() => {
      const stocks = remote<typeof stock>('stock');
      expectTypeOf(stocks.reserve({ sku: 's-1', key: 'k' })).toEqualTypeOf<Promise<{ reserved: string }>>();
      expectTypeOf(local<typeof counts>('counts').add({ by: 1, key: 'k' })).toEqualTypeOf<Promise<number>>();
    });
  });

  test('is called by the name that it has, and as what it is', () => {
    // @ts-expect-error -- another name
    notCalled(() => remote<typeof stock>('stocks'));
    // @ts-expect-error -- this one is local
    notCalled(() => remote<typeof counts>('counts'));
    // @ts-expect-error -- this one is remote
    notCalled(() => local<typeof stock>('stock'));
  });

  test('has no other methods, and takes no other input', () => {
    notCalled(() => {
      const stocks = remote<typeof stock>('stock');
      // @ts-expect-error -- misspelt
      void stocks.resreve({ sku: 's-1', key: 'k' });
      // @ts-expect-error -- no idempotency key
      void stocks.reserve({ sku: 's-1' });
      // @ts-expect-error -- the result has no such field
      return stocks.reserve({ sku: 's-1', key: 'k' }).then(({ reservation }) => reservation);
    });
  });

  test('is nothing without its type', () => {
    // @ts-expect-error -- the type argument is missing, so there is no method
    notCalled(() => remote('stock').reserve({ sku: 's-1', key: 'k' }));
  });
});

describe('a participant’s value', () => {
  test('reads no variable that it did not declare', () => {
    remoteParticipant('other', {
      env: { OTHER_URL: z.url() },
      // @ts-expect-error -- misspelt
      create: ({ env }) => ({ ask: () => Promise.resolve(env.OTHER_ULR) }),
    });
    remoteParticipant('none', {
      // @ts-expect-error -- nothing is declared
      create: ({ env }) => ({ ask: () => Promise.resolve(env.NONE_URL) }),
    });
  });

  test('has methods that are activities: one input, and a promise', () => {
    // @ts-expect-error -- no promise
    remoteParticipant('other', { create: () => ({ ask: () => 'at once' }) });
    // @ts-expect-error -- a saga gives one input
    remoteParticipant('other', { create: () => ({ ask: (_: string, __: string) => Promise.resolve() }) });
  });

  test('emits events, by value', () => {
    // @ts-expect-error -- a name is no event
    remoteParticipant('other', { emits: ['payment.completed'], create: () => ({ ask: () => Promise.resolve() }) });
  });

  test('has no effects to take back unless it is local', () => {
    // @ts-expect-error -- a rollback looks into our own database
    remoteParticipant('other', { effects: { takeBack: () => '' }, create: () => ({ ask: () => Promise.resolve() }) });
  });
});

export const hotel = remoteParticipant('hotel', {
  create: ({ barrier }) => {
    const { act: book, undo: cancel } = barrier('booking', {
      do: ({ room }: { room: string }, { key, http }) => http.post(`/${key}`, { room }).then(() => ({ id: 'b-1' })),
      find: ({ key }) => Promise.resolve(key === '' ? undefined : { id: 'b-1' }),
      undo: ({ id }) => {
        expectTypeOf(id).toEqualTypeOf<string>();
        return Promise.resolve();
      },
    });
    return { book, cancel };
  },
});

describe('a barrier', () => {
  test('makes the methods of the two that it is given', () => {
    notCalled(() => {
      const hotels = remote<typeof hotel>('hotel');
      expectTypeOf(hotels.cancel({ actionKey: 'k' })).toEqualTypeOf<Promise<{ undone: boolean }>>();
      // @ts-expect-error -- no idempotency key
      void hotels.book({ room: 'r-1' });
      // @ts-expect-error -- misspelt
      void hotels.book({ romo: 'r-1', key: 'k' });
      return expectTypeOf(hotels.book({ room: 'r-1', key: 'k' })).toEqualTypeOf<Promise<{ id: string }>>();
    });
  });

  test('finds what was done, and has to be able to', () => {
    const done = { do: (_: { room: string }) => Promise.resolve({ id: 'b-1' }), undo: () => Promise.resolve() };
    remoteParticipant('other', {
      // @ts-expect-error -- what is found is no answer
      create: ({ barrier }) => barrier('booking', { ...done, find: () => Promise.resolve({ number: 1 }) }),
    });
    // @ts-expect-error -- without a look-up nobody knows what became of a lost reply
    remoteParticipant('other', { create: ({ barrier }) => barrier('booking', done) });
  });
});

test('a set has an activity for each method, by its name in Temporal', () => {
  type Both = Activities<readonly [typeof stock, typeof counts]>;
  expectTypeOf<keyof Both & `${'stock' | 'counts'}.${string}`>().toEqualTypeOf<
    'stock.reserve' | 'stock.release' | 'counts.add'
  >();
  expectTypeOf<Both['counts.add']>().toEqualTypeOf<(input: { by: number; key: string }) => Promise<number>>();
  expectTypeOf(createParticipants).toBeFunction();
});
