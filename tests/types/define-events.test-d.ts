import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineEvents, event, type EventValue, type PayloadOf } from '../../packages/sagaline/contracts/event.ts';
import { Amount, Id, RolledBack } from '../../packages/sagaline/contracts/primitives.ts';

const card = z.object({ cardId: Id, amount: Amount, note: z.string().optional(), tags: z.array(z.string()) });

describe('an event', () => {
  test('knows its name, its payload and its business key', () => {
    const events = defineEvents({ 'gift-card.ordered': event('cardId', card) });
    expectTypeOf(events['gift-card.ordered']).toEqualTypeOf<EventValue<'gift-card.ordered', typeof card, 'cardId'>>();
    expectTypeOf<PayloadOf<(typeof events)['gift-card.ordered']>>().toEqualTypeOf<{
      cardId: string;
      amount: number;
      note?: string | undefined;
      tags: string[];
    }>();
  });

  test('may extend what all outcomes tell', () => {
    const rejected = event('cardId', RolledBack.extend({ cardId: Id }));
    expectTypeOf(rejected.schema.parse({}).compensated).toEqualTypeOf<string[]>();
  });

  test('is an event, whatever its payload', () => {
    const events = defineEvents({ 'gift-card.ordered': event('cardId', card), issued: event('cardId', card) });
    expectTypeOf(Object.values(events)).toExtend<EventValue[]>();
  });
});

describe('a business key', () => {
  test('is a field of the schema, and well spelt', () => {
    // @ts-expect-error -- misspelt
    notCalled(() => event('cardID', card));
  });

  test('is there in every payload, and fit for the key of a record', () => {
    // @ts-expect-error -- may be missing
    notCalled(() => event('note', card));
    // @ts-expect-error -- a list of texts
    notCalled(() => event('tags', card));
    expectTypeOf(event('amount', card).key).toEqualTypeOf<'amount'>();
  });

  test('a schema is one of an object', () => {
    // @ts-expect-error -- a text has no fields
    notCalled(() => event('length', z.string()));
  });
});

describe('a name', () => {
  const shape = event('cardId', card);

  test('is one that a topic can have', () => {
    // @ts-expect-error -- a blank
    notCalled(() => defineEvents({ 'gift card.ordered': shape }));
    // @ts-expect-error -- a slash
    notCalled(() => defineEvents({ 'gift-card/ordered': shape }));
    // @ts-expect-error -- a letter that Kafka does not take
    notCalled(() => defineEvents({ 'geschäft.eröffnet': shape }));
    // @ts-expect-error -- Kafka's own topics begin so
    notCalled(() => defineEvents({ _internal: shape }));
    // @ts-expect-error -- nothing
    notCalled(() => defineEvents({ '': shape }));
  });

  test('is not taken by something else', () => {
    // @ts-expect-error -- dead letters of gift-card
    notCalled(() => defineEvents({ 'gift-card.dlq': shape }));
    // @ts-expect-error -- the signal of operators
    notCalled(() => defineEvents({ cancel: shape }));
  });

  test('one wrong name does not spoil the others', () => {
    // @ts-expect-error -- the first
    notCalled(() => defineEvents({ 'a b': shape, 'a.b': shape })['a.b']);
    expectTypeOf(defineEvents({ 'a.b': shape, 'a-b_c.9': shape })).toHaveProperty('a-b_c.9');
  });
});

/** Type-checked, never run. */
function notCalled(_: () => unknown): void {
  // Nothing to do.
}
