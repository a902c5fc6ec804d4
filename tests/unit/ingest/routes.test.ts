import { describe, expect, test } from 'vitest';
import { ConflictingSagas, createRoutes } from '../../../packages/sagaline/dispatch/dispatch.ts';
import type { SagaRegistration } from '../../../packages/sagaline/kernel/definition.ts';
import { events } from '../../../workflows/events.ts';
import { anOrder, aUser } from '../../support/orders.ts';
import { routes } from '../../support/reference.ts';

function aSaga(saga: Partial<SagaRegistration> = {}): SagaRegistration {
  return {
    name: 'testSaga',
    on: 'order.created',
    sagaId: (order: { orderId: string }) => order.orderId,
    followUps: [],
    emits: [],
    events: Object.values(events),
    settings: {},
    cancelRefused: () => undefined,
    ...saga,
  };
}

const cancel = {
  type: 'order.cancel-requested',
  sagaId: (request: { orderId: string }) => request.orderId,
  ifNoSaga: 'park',
  deliver: 'every',
  cancels: true,
} as const;

test('the sagas say what is consumed: no second list', () => {
  expect(routes.topics).toEqual([
    'alert.raised',
    'order.cancel-requested',
    'order.created',
    'user.activity',
    'user.created',
  ]);
  expect(routes.startsSaga('user.created')).toBe(true);
  expect(routes.startsSaga('user.activity')).toBe(false);
  expect(routes.targetsOf('user.created', aUser()).map(({ workflowId }) => workflowId)).toEqual(['signupSaga:u-1']);
});

test('one event may start several sagas and be the follow-up of others', () => {
  const routes = createRoutes([
    aSaga(),
    aSaga({ name: 'loyaltySaga' }),
    aSaga({ name: 'watchSaga', on: 'user.created', followUps: [{ ...cancel, type: 'order.created' }] }),
  ]);
  const targets = routes.targetsOf('order.created', anOrder());
  expect(targets.map(({ workflowId, route }) => [workflowId, route.kind])).toEqual([
    ['testSaga:o-1', 'start'],
    ['loyaltySaga:o-1', 'start'],
    ['watchSaga:o-1', 'followUp'],
  ]);
});

describe('refused at start', () => {
  test.each<[string, SagaRegistration[]]>([
    ['two sagas are named testSaga', [aSaga(), aSaga({ on: 'user.created' })]],
    ['no name for a saga', [aSaga({ name: 'test:saga' })]],
    ['lists order.cancel-requested twice', [aSaga({ followUps: [cancel, cancel] })]],
    ['lists order.created twice', [aSaga({ followUps: [{ ...cancel, type: 'order.created' }] })]],
    ['which has no schema', [aSaga({ on: 'order.creatd' })]],
  ])('%s', (message, sagas) => {
    expect(() => createRoutes(sagas)).toThrow(ConflictingSagas);
    expect(() => createRoutes(sagas)).toThrow(message);
  });
});

test('a saga id that fits no workflow id is the fault of the record', () => {
  const routes = createRoutes([aSaga({ sagaId: () => 'a b' })]);
  expect(() => routes.targetsOf('order.created', anOrder())).toThrow('no valid saga id for testSaga');
});
