/** Workflow tests of our own sagas, and of small ones for what ours do not do. */
import { sagaTests } from '../../packages/sagaline/testing/saga-tests.ts';

export const { given, faultMatrix } = sagaTests(new URL('../workflow/sagas/', import.meta.url), {
  results: {
    'payment.charge': { paymentId: 'pay-1', amount: 1999 },
    'payment.refund': { refunded: 1999 },
    'notification.send': { sent: ['email'] },
    'notification.correct': { corrected: ['email'] },
    'analytics.reverse': { reversed: true },
    'profile.create': { profileId: 'profile-1' },
    'profile.remove': { removed: true },
  },
});
