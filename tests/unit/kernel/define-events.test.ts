import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  businessKeyOf,
  defineEvents,
  event,
  InvalidEventDefinition,
} from '../../../packages/sagaline/contracts/event.ts';
import { Id } from '../../../packages/sagaline/contracts/primitives.ts';

const card = event('cardId', z.object({ cardId: Id, number: z.int().optional() }));

test('an event has its name, its schema and its business key', () => {
  const events = defineEvents({ 'gift-card.ordered': card });
  expect(Object.keys(events)).toEqual(['gift-card.ordered']);
  expect(events['gift-card.ordered']).toEqual({ type: 'gift-card.ordered', ...card });
  expect(businessKeyOf(events['gift-card.ordered'], { cardId: 'g-1' })).toBe('g-1');
});

describe('what the compiler does not see', () => {
  const named = (type: string) => () => defineEvents({ [type]: card });

  test.each(['', 'a b', 'a/b', 'ä', '.a', '_a', '-a', 'a\n', 'x'.repeat(246)])('%j is no name', (type) => {
    expect(named(type)).toThrow(InvalidEventDefinition);
    expect(named(type)).toThrow('is no name for an event: 1 to 245 letters, digits or . _ -');
  });

  test('names that are taken', () => {
    expect(named('order.created.dlq')).toThrow('topics of dead letters end in .dlq');
    expect(named('cancel')).toThrow('a saga hears it from operators already');
  });

  test.each(['a', 'Order.Created_2-b', 'x'.repeat(245), 'cancel.', 'dlq'])('%j is one', (type) => {
    expect(named(type)).not.toThrow();
  });

  test('a business key that is no field', () => {
    expect(() => event('cardID' as 'cardId', card.schema)).toThrow('the business key cardID is no field of the schema');
  });
});
