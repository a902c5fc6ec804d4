/** How each outcome of signupSaga comes about. */
import type { UserCreated } from '../../../workflows/events/user.ts';
import { aUser } from '../../support/orders.ts';
import type { SagaToStart } from './running-saga.ts';
import type { Scenario } from './scenario.ts';

function signUp(userId: string, followUpAfter: string, user: Partial<UserCreated> = {}): SagaToStart {
  const data = aUser({ userId, ...user });
  return { sagaName: 'signupSaga', sagaId: userId, type: 'user.created', data, settings: { followUpAfter } };
}

export const signups: Readonly<Record<string, Scenario>> = {
  'signupSaga-followed-up': { saga: signUp('followed-up', '1 second') },
  'signupSaga-active-before-timer': {
    saga: signUp('active-before-timer', '1 hour'),
    async meanwhile(saga) {
      await saga.untilTimers(1);
      await saga.tell('user.activity', { userId: 'active-before-timer', action: 'logged in' });
    },
  },
  'signupSaga-rolled-back': { saga: signUp('rolled-back', '1 hour', { email: 'refused@customer.example' }) },
};
