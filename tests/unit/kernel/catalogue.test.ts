import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createCatalogue } from '../../../packages/sagaline/contracts/catalogue.ts';
import { defineEvents, event, InvalidEventDefinition } from '../../../packages/sagaline/contracts/event.ts';
import { Id } from '../../../packages/sagaline/contracts/primitives.ts';
import { events } from '../../../workflows/events.ts';
import { catalogue } from '../../support/reference.ts';

const schema = z.object({ cardId: Id });
const cards = defineEvents({
  'card.ordered': event('cardId', schema),
  'card.issued': event('cardId', schema),
  'card.printed': event('cardId', schema),
  'card.lost': event('cardId', schema, { internal: true }),
  'card.seen': event('cardId', schema),
});
const saga = {
  name: 'cardSaga',
  events: [cards['card.ordered'], cards['card.lost'], cards['card.issued']],
  emits: ['card.issued'],
};
const sources = { sagas: [saga], emits: [cards['card.printed']], events: [cards['card.seen']] };

describe('a catalogue', () => {
  test('has what sagas, participants and the application bring along, in alphabetical order', () => {
    const built = createCatalogue(sources);
    expect(built.types).toEqual(['card.issued', 'card.lost', 'card.ordered', 'card.printed', 'card.seen']);
    expect(built.find('card.printed')).toBe(cards['card.printed']);
    expect(built.find('card.orderd')).toBeUndefined();
    expect(built.find('toString')).toBeUndefined();
  });

  test('takes from outside what nobody says himself, and what is not internal', () => {
    const built = createCatalogue(sources);
    expect(built.types.filter((type) => built.comesFromOutside(type))).toEqual(['card.ordered', 'card.seen']);
    expect(built.comesFromOutside('card.orderd')).toBe(false);
  });

  test('may be told of one event by several', () => {
    const twice = { ...sources, sagas: [saga, { ...saga, name: 'otherSaga' }], events: Object.values(cards) };
    expect(createCatalogue(twice).types).toHaveLength(5);
  });
});

describe('two events of one name', () => {
  const other = defineEvents({ 'card.ordered': event('cardId', z.object({ cardId: Id, more: z.string() })) });

  test('are refused, saying whose they are and what to do', () => {
    const two = () => createCatalogue({ ...sources, events: Object.values(other) });
    expect(two).toThrow(InvalidEventDefinition);
    expect(two).toThrow(
      "card.ordered is defined by saga cardSaga and by the application's own list, each time with a schema or key of its own",
    );
  });

  test('are refused when one saga has both', () => {
    const two = () => createCatalogue({ sagas: [{ ...saga, events: [...saga.events, other['card.ordered']] }] });
    expect(two).toThrow('card.ordered is defined twice in saga cardSaga');
  });

  test('are refused when only the business keys differ', () => {
    const both = z.object({ cardId: Id, customerId: Id });
    const [one] = Object.values(defineEvents({ 'card.ordered': event('cardId', both) }));
    const [two] = Object.values(defineEvents({ 'card.ordered': event('customerId', both) }));
    expect(() => createCatalogue({ sagas: [], events: [one, two].filter((value) => value !== undefined) })).toThrow(
      'card.ordered is defined twice',
    );
  });
});

describe('the reference application', () => {
  test('has every event that stands somewhere in it', () => {
    expect(catalogue.types).toEqual(Object.keys(events).sort());
  });

  test('takes from outside an order, a sign-up, what follows them, and what is only counted', () => {
    expect(catalogue.types.filter((type) => catalogue.comesFromOutside(type))).toEqual([
      'order.cancel-requested',
      'order.created',
      'service.log',
      'user.activity',
      'user.created',
    ]);
  });
});
