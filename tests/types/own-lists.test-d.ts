import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineProjection } from '../../packages/sagaline/pipeline/define-projection.ts';
import { defineSearchLines } from '../../packages/sagaline/pipeline/search/define-search-kind.ts';
import { defineEvents, event } from '../../packages/sagaline/contracts/event.ts';

const events = defineEvents({ 'card.viewed': event('cardId', z.object({ cardId: z.string() })) });
const described = { time: 0, state: undefined, title: '', text: '', fields: {}, identifiers: [], names: [] };
const projection = { name: 'cards', description: '', topics: [], tables: '', apply: () => Promise.resolve() };

describe('a projection', () => {
  test('tells live readers what it declared, and nothing else', () => {
    defineProjection('cards', {
      tells: ['cards', 'views'],
      create({ tell }) {
        expectTypeOf(tell).parameter(1).toEqualTypeOf<'cards' | 'views'>();
        return projection;
      },
    });
  });

  test('that declared nothing tells nothing', () => {
    defineProjection('cards', {
      create({ tell }) {
        expectTypeOf(tell).parameter(1).toEqualTypeOf<never>();
        return projection;
      },
    });
  });
});

describe('lines of the search', () => {
  test('know the payload of their event, and the variables of their bounds', () => {
    defineSearchLines('view', {
      plural: 'views',
      event: events['card.viewed'],
      env: { VIEWS_MAX: z.coerce.number() },
      bounds(env) {
        expectTypeOf(env.VIEWS_MAX).toEqualTypeOf<number>();
        return { retentionMs: 1, max: env.VIEWS_MAX };
      },
      describe({ payload }) {
        expectTypeOf(payload).toEqualTypeOf<{ cardId: string }>();
        return described;
      },
    });
  });
});
