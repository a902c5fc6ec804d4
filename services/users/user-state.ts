import type { PastEvent } from 'sagaline';

export type UserState = 'created' | 'onboarded' | 'onboarding-failed';

const STATES: Readonly<Record<string, UserState>> = {
  'user.created': 'created',
  'user.onboarded': 'onboarded',
  'user.onboarding-failed': 'onboarding-failed',
};

/** The state of a user as the events say, in the order in which they came to be. */
export function userStateOf(events: readonly Pick<PastEvent, 'type'>[]): UserState {
  return events.reduce<UserState>((state, { type }) => STATES[type] ?? state, 'created');
}
