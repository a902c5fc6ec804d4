import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineApp, InvalidApp } from '../../../packages/sagaline/app/define-app.ts';
import { defineProjection } from '../../../packages/sagaline/pipeline/define-projection.ts';
import { defineSearchSubject } from '../../../packages/sagaline/pipeline/search/define-search-kind.ts';
import { userEvents } from '../../../workflows/events/user.ts';
import { app } from '../../support/reference.ts';

const { participants } = app;
const sagas = new URL('../../../workflows/', import.meta.url);
const projection = (name: string) =>
  defineProjection(name, {
    env: { SALES_KEEP_DAYS: z.coerce.number().default(30) },
    create: ({ env }) => ({
      ...{ name, description: `kept for ${env.SALES_KEEP_DAYS} days`, topics: [], tables: '' },
      apply: () => Promise.resolve(),
    }),
  });

test('an app is a value that nobody changes', () => {
  const own = defineApp({ name: 'gift-shop', sagas, participants, projections: [projection('sales')] });
  expect(Object.isFrozen(own)).toBe(true);
  expect(Object.isFrozen(own.projections)).toBe(true);
  expect(defineApp({ name: 'gift-shop', sagas, participants }).projections).toEqual([]);
});

test('names of search kinds, live kinds and paths of batches are checked, and doubles refused', () => {
  const searched = (kind: string) =>
    defineSearchSubject(kind, {
      ...{ plural: `${kind}s`, events: [], keep: () => ({}) },
      describe: (id) => ({ time: 0, state: undefined, title: id, text: '', fields: {}, identifiers: [], names: [] }),
    });
  const telling = (name: string, ...tells: string[]) => ({ ...projection(name), tells });
  const event = userEvents['user.activity'];
  const wrong = () =>
    defineApp({
      ...{ name: 'gift-shop', sagas, participants },
      searchKinds: ['saga', 'gift-card', 'card', 'card'].map(searched),
      projections: [telling('sales', 'gap', 'sold'), telling('cards', 'sold', 'Cards')],
      batches: [
        { path: '/v1/views', event },
        { path: 'views', event },
        { path: '/v1/{id}', event },
      ],
    });
  expect(wrong).toThrow(
    'app gift-shop: ' +
      'live kind gap: the engine has one of this name; rename yours; ' +
      'live kind Cards: must be up to 40 lower-case letters; ' +
      'live kind sold: there are two; rename one; ' +
      'search kind saga: the engine has one of this name; rename yours; ' +
      'search kind gift-card: must be up to 40 lower-case letters; ' +
      'search kind card: there are two; rename one; ' +
      'batches views: must be a path such as /v1/logs; ' +
      'batches /v1/{id}: must be a path such as /v1/logs',
  );
});

test('all that contradicts itself is told at once', () => {
  const projections = ['search', 'sales', 'sales', 'gift-cards'].map(projection);
  const wrong = () =>
    defineApp({
      ...{ name: 'Gift Shop', participants, projections },
      sagas: new URL('https://shop.example'),
      migrations: new URL('https://shop.example/prisma'),
    });
  expect(wrong).toThrow(InvalidApp);
  expect(wrong).toThrow(
    'app Gift Shop: name: must be lower-case letters, digits and hyphens; ' +
      'sagas: https://shop.example/ is no folder of this machine; ' +
      'migrations: https://shop.example/prisma is no folder of this machine; ' +
      'projection search: the engine has one of this name; rename yours; ' +
      'projection gift-cards: its name must be up to 40 lower-case letters; ' +
      'projection sales: there are two; rename one',
  );
});
