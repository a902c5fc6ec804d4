import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineApp, InvalidApp } from '../../../gateways/app/define-app.ts';
import { defineProjection } from '../../../gateways/pipeline/define-projection.ts';
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

test('all that contradicts itself is told at once', () => {
  const projections = ['search', 'sales', 'sales', 'gift-cards'].map(projection);
  const wrong = () =>
    defineApp({ name: 'Gift Shop', sagas: new URL('https://shop.example'), participants, projections });
  expect(wrong).toThrow(InvalidApp);
  expect(wrong).toThrow(
    'app Gift Shop: name: must be lower-case letters, digits and hyphens; ' +
      'sagas: https://shop.example/ is no folder of this machine; ' +
      'projection search: the engine has one of this name; rename yours; ' +
      'projection gift-cards: its name must be up to 40 lower-case letters; ' +
      'projection sales: there are two; rename one',
  );
});
