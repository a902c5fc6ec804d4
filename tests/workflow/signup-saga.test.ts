import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewUser } from '../support/orders.ts';
import { signupSaga } from '../../workflows/signup.saga.ts';
import { glancingSaga, waitingTwiceSaga } from './sagas/forms.saga.ts';

describe.concurrent('signupSaga', () => {
  test('greets, waits three days, follows up, and says so', () =>
    given(signupSaga)
      .on('time-skipping')
      .started(aNewUser({ userId: 'u-quiet' }))
      .expectSteps('profile', 'welcome', 'follow-up')
      .expectOutcome('user.onboarded', { userId: 'u-quiet', followedUp: true }));

  test('a user who was active before the timer gets no follow-up', () =>
    given(signupSaga)
      .on('time-skipping')
      .where('welcome', (it, saga) => it.meanwhile(() => saga.hears('user.activity', { action: 'login' })))
      .started(aNewUser())
      .expectSteps('profile', 'welcome')
      .expectOutcome('user.onboarded', { followedUp: false }));

  test('activity while the timer runs ends the wait', () =>
    given(signupSaga)
      .on('time-skipping')
      .whileTimeStands()
      .started(aNewUser())
      .then(async (saga) => {
        await saga.untilWaiting();
        await saga.hears('user.activity', { action: 'login' });
        await saga.result();
      })
      .expectSteps('profile', 'welcome')
      .expectOutcome('user.onboarded', { followedUp: false }));

  test('of two waits for events of one type, each gets an event of its own', () =>
    given(waitingTwiceSaga)
      .on('time-skipping')
      .whileTimeStands()
      .started(aNewUser())
      .then(async (saga) => {
        await saga.untilWaiting(2);
        await saga.hears('user.activity', { action: 'login' });
        await saga.untilWaiting(3);
        await saga.hears('user.activity', { action: 'viewed' });
        await saga.result();
      })
      .expectOutcome('user.onboarded', { followedUp: true }));

  test('an event that is there already is taken by who does not wait; a wait shows under its name', () =>
    given(glancingSaga)
      .with({ followUps: [{ type: 'user.activity', eventId: 'early', data: { action: 'login' } }] })
      .started(aNewUser())
      .then(async (saga) => {
        await saga.untilWaiting(1);
        expect((await saga.journey()).waits).toMatchObject([{ name: 'first click', event: 'user.activity' }]);
        const summaries = (await saga.history()).flatMap(({ timerStartedEventAttributes: timer, userMetadata }) =>
          timer ? [String(Buffer.from(userMetadata?.summary?.data ?? []))] : [],
        );
        expect(summaries).toEqual(['"first click: next user.activity"']);
        await saga.hears('user.activity', { action: 'click' });
        await saga.result();
        expect(await saga.journey()).not.toHaveProperty('waits');
      })
      .expectOutcome('user.onboarded', { followedUp: true }));

  test('the operator’s followUpAfter holds for new sagas', () =>
    given(signupSaga)
      .on('time-skipping')
      .with({ settings: { followUpAfter: '90 minutes' } })
      .started(aNewUser())
      .expectOutcome('user.onboarded', { followedUp: true })
      .then(async (saga) => {
        const timers = (await saga.history()).flatMap((event) => event.timerStartedEventAttributes ?? []);
        expect(timers.map(({ startToFireTimeout }) => Number(startToFireTimeout?.seconds))).toEqual([90 * 60]);
      }));

  test('a profile that cannot be made: removed, in case it was, and nobody is greeted', () =>
    given(signupSaga)
      .on('time-skipping')
      .where('profile', (it) => it.failsForGood('ProfileExists'))
      .started(aNewUser())
      .expectOutcome('user.onboarding-failed', { reason: 'ProfileExists', step: 'profile' })
      .expectCompensations('profile')
      .expectSteps('profile'));

  test('a welcome that is refused for good removes the profile (kernel rule 6: a pivot that failed has not happened)', () =>
    given(signupSaga)
      .on('time-skipping')
      .where('welcome', (it) => it.failsForGood('RecipientRefused'))
      .started(aNewUser())
      .expectOutcome('user.onboarding-failed', { reason: 'RecipientRefused', step: 'welcome' })
      .expectCompensations('profile'));

  test('a welcome out of its time parks: it may have gone out, and only an operator can know (kernel rule 6)', () =>
    given(signupSaga)
      .on('time-skipping')
      .where('welcome', (it) => it.neverSucceeds())
      .started(aNewUser())
      .expectParked('welcome')
      .expectNoCompensations()
      .then((saga) => saga.operator().marksDone('welcome', 'in the mail server’s log'))
      .expectOutcome('user.onboarded', { followedUp: true }));

  test('a follow-up that is refused changes nothing: the saga can do without it', () =>
    given(signupSaga)
      .on('time-skipping')
      .where('follow-up', (it) => it.failsForGood('RecipientRefused'))
      .started(aNewUser())
      .expectOutcome('user.onboarded', { followedUp: false })
      .expectNoCompensations());

  test('a follow-up out of its time changes nothing either', () =>
    given(signupSaga)
      .on('time-skipping')
      .where('follow-up', (it) => it.neverSucceeds())
      .started(aNewUser())
      .expectOutcome('user.onboarded', { followedUp: false }));

  for (const step of ['profile', 'welcome', 'follow-up']) {
    test(`${step} fails three times and then succeeds: the sign-up stands`, () =>
      given(signupSaga)
        .on('time-skipping')
        .where(step, (it) => it.failsTimes(3))
        .started(aNewUser())
        .expectOutcome('user.onboarded', { followedUp: true })
        .expectAttempts({ [step]: 4 }));
  }
});

describe.concurrent('signupSaga, cancelled by an operator', () => {
  test('while the welcome goes out: too late, and the saga goes on (kernel rules 6 and 9)', () =>
    given(signupSaga)
      .on('time-skipping')
      .where('welcome', (it, saga) => it.meanwhile(() => saga.isCancelledByAnOperator()))
      .started(aNewUser())
      .expectOutcome('user.onboarded', { followedUp: true })
      .expectNoCompensations());

  test('while the timer runs: too late as well', () =>
    given(signupSaga)
      .on('time-skipping')
      .whileTimeStands()
      .started(aNewUser())
      .then(async (saga) => {
        await saga.untilWaiting();
        await saga.isCancelledByAnOperator();
      })
      .expectOutcome('user.onboarded', { followedUp: true })
      .expectNoCompensations());

  test('while the follow-up goes out: too late as well, and it is not stopped', () =>
    given(signupSaga)
      .on('time-skipping')
      .where('follow-up', (it, saga) => it.meanwhile(() => saga.isCancelledByAnOperator()))
      .started(aNewUser())
      .expectOutcome('user.onboarded', { followedUp: true })
      .expectAttempts({ 'follow-up': 1 }));

  test('while the profile is retried: the welcome never goes out', () =>
    given(signupSaga)
      .on('time-skipping')
      .where('profile', (it, saga) => it.meanwhile(() => saga.isCancelledByAnOperator(), it.failsTimes(9)))
      .started(aNewUser())
      .expectOutcome('user.onboarding-failed', { reason: 'Fraud' })
      .expectCompensations('profile')
      .expectAttempts({ welcome: 0 }));
});
