/**
 * user.created ─► profile ─► welcome mail (pivot) ─► 3 days, or user.activity ─► reminder unless active ─► user.onboarded
 *                    ▲            │
 *                    └─ removed ◄─┴─ address refused ─► user.onboarding-failed
 */
import { defineSaga, followUp, local, remote } from 'sagaline/workflow';
import type { notification } from '../activities/notification/index.ts';
import type { profile } from '../activities/profile/index.ts';
import { userEvents } from './events/user.ts';

const notifications = remote<typeof notification>('notification');
const profiles = local<typeof profile>('profile');

export const signupSaga = defineSaga({
  name: 'signupSaga',
  on: userEvents['user.created'],
  sagaId: (user) => user.userId,
  subject: (user) => ({ userId: user.userId }),
  followUps: [
    followUp(userEvents['user.activity'], {
      sagaId: (activity) => activity.userId,
      ifNoSaga: 'ignore',
      deliver: 'once',
    }),
  ],
  settings: { followUpAfter: '3 days' },
  outcomes: { completed: userEvents['user.onboarded'], rolledBack: userEvents['user.onboarding-failed'] },

  async run(user, saga) {
    const { userId, email, name, locale } = user;

    await saga.compensatable('profile', {
      summary: 'create the profile',
      action: (key) => profiles.create({ userId, email, name, locale, key }),
      compensation: ({ actionKey }) => profiles.remove({ userId, actionKey }),
    });

    // A mail cannot be unsent: once the welcome is out, the sign-up stands.
    await saga.pivot('welcome', {
      summary: 'welcome mail',
      action: (key) =>
        notifications.send({ to: { email }, template: 'welcome', subjectId: userId, values: { name }, key }),
    });

    const activity = await saga.next(userEvents['user.activity'], saga.settings.followUpAfter);
    const reminder = activity
      ? undefined
      : await saga.optional('follow-up', {
          summary: 'follow-up mail',
          action: (key) =>
            notifications.send({ to: { email }, template: 'follow-up', subjectId: userId, values: { name }, key }),
        });

    return { userId, followedUp: reminder !== undefined };
  },
});
