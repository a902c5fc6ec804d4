/** What an application's lists make of catalogue and API. */
import { expect, test } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { CannotStart } from '../../../packages/sagaline/ground/lifecycle.ts';
import { catalogueOf } from '../../../packages/sagaline/process/catalogue.ts';
import { createSearch } from '../../../packages/sagaline/pipeline/search/search.ts';
import {
  defineSearchLines,
  defineSearchSubject,
} from '../../../packages/sagaline/pipeline/search/define-search-kind.ts';
import { events } from '../../../workflows/events.ts';
import { app, sagas } from '../../support/reference.ts';
import { eventOf } from '../../support/recorded-events.ts';
import { createTestApp, problemOf } from '../http/support/test-app.ts';

const activity = { path: '/v1/activity', event: events['user.activity'] };
const described = { time: 0, state: undefined, title: '', text: '', fields: {}, identifiers: [], names: [] };

const alerts = defineSearchLines('alert', {
  ...{ plural: 'alerts', event: events['alert.raised'], format: 3 },
  bounds: () => ({ retentionMs: 1_000, max: 5 }),
  describe: ({ payload }) => ({ ...described, title: payload.service }),
});
const buyers = defineSearchSubject('buyer', {
  ...{ plural: 'buyers', events: [events['order.created']] },
  ...{ idOf: ({ payload }) => String(payload['customerId']), keep: () => ({}), describe: () => described },
});

test('an event is in the catalogue because batches or the search have it', () => {
  const lists = { participants: [], events: [], batches: [activity], searchKinds: [alerts] };
  expect(catalogueOf(lists, []).types).toEqual(['alert.raised', 'user.activity']);
});

test('what sagas and participants say themselves is not taken in batches', () => {
  for (const type of ['order.completed', 'payment.refunded'] as const) {
    const wrong = () => catalogueOf({ ...app, batches: [{ path: '/v1/more', event: events[type] }] }, sagas);
    expect(wrong).toThrow(CannotStart);
    expect(wrong).toThrow(`/v1/more takes batches of ${type}, which is internal, or said by a saga or participant`);
  }
});

test('an application without lists has the engine’s API: sagas are found, and told of', async () => {
  const { app: api } = createTestApp({
    own: { routes: [], batches: [], liveKinds: [], searchKinds: [{ kind: 'saga', plural: 'sagas' }] },
  });
  const { paths } = (await (await api.request('/openapi.json')).json()) as {
    paths: Record<string, { get: { summary: string } }>;
  };
  expect(Object.keys(paths)).not.toContain('/v1/activity');
  expect(paths['/v1/search']?.get.summary).toBe('Sagas by their words; exact ids first, then the newest');
  expect(paths['/v1/live']?.get.summary).toBe('Changes of sagas as they happen (server-sent events)');
  expect((await problemOf(await api.request('/v1/search?q=a&kind=order'))).detail).toMatch(/^kind: /);
  expect((await problemOf(await api.request('/v1/live?kinds=statistics'))).detail).toMatch(/^kinds/);
});

test('a search of other kinds: their topics, their formats, their bounds', async () => {
  const pruned: object[] = [];
  const written: object[] = [];
  const config = readConfig({}, { declared: [alerts, buyers] });
  const search = createSearch({
    ...{ sagas: [], kinds: [alerts, buyers], personalData: false, boundsOf: (lines) => lines.bounds(config) },
    index: {
      tables: '-- an index',
      write: (_tx, documents) => Promise.resolve(void written.push(...documents)),
      prune: (_tx, bounds) => Promise.resolve(void pruned.push(bounds)),
    },
  });
  expect(search).toMatchObject({
    description: 'buyers, sagas and alerts, by their words',
    topics: ['order.created', 'alert.raised'],
  });
  expect(search.tables).toMatch(/^-- format 2, personal data: false, alert: 3\n/);
  const nothing = { live: true, query: () => Promise.reject(new Error('not asked')) };
  const line = eventOf('alert.raised', {
    ...{
      kind: 'error-burst',
      alertId: 'a-1',
      service: 'checkout',
      count: 3,
      threshold: 2,
      windowMs: 60_000,
      at: '2026-11-22T10:00:00Z',
    },
  });
  await search.apply(nothing, [line]);
  expect(written).toMatchObject([{ kind: 'alert', title: 'checkout', version: 1, line: true }]);
  await search.maintenance?.run(nothing);
  expect(pruned).toMatchObject([{ kind: 'alert', keep: 5 }]);
});

test('without lines, nothing of the search goes', () => {
  const index = { tables: '', write: () => Promise.resolve(), prune: () => Promise.resolve() };
  const boundsOf = () => ({ retentionMs: 1, max: 1 });
  expect(createSearch({ sagas, kinds: [buyers], personalData: false, boundsOf, index }).maintenance).toBeUndefined();
});
