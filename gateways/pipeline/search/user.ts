import {
  defineSearchSubject,
  type Description,
  fieldsOf,
  isEvent,
  isoTime,
  type KeepOptions,
  reasonsOf,
  spanOf,
  type Tale,
  type Told,
  toldOf,
  type ValidEvent,
} from 'sagaline/pipeline';
import { userEvents } from '../../../workflows/events/user.ts';

export const searchedUsers = defineSearchSubject('user', {
  plural: 'users',
  events: [userEvents['user.created'], userEvents['user.onboarded'], userEvents['user.onboarding-failed']],
  keep: keptOfUser,
  describe: describeUser,
});

/** Personal data only if they are wanted. */
function keptOfUser(event: ValidEvent, { personalData }: KeepOptions): Told['data'] {
  if (!isEvent(event, userEvents['user.created'])) return event.payload;
  const { email, name, ...user } = event.payload;
  return personalData ? { ...user, email, name } : user;
}

/** A user as the events tell of them; name and address only where personal data are searched. */
function describeUser(id: string, tale: Tale): Description {
  const { name, email, locale } = toldOf(tale, userEvents['user.created'])?.data ?? {};
  const failed = toldOf(tale, userEvents['user.onboarding-failed']) && 'onboardingFailed';
  const state =
    (toldOf(tale, userEvents['user.onboarded']) && 'onboarded') ??
    failed ??
    (toldOf(tale, userEvents['user.created']) && 'created');
  const { first, last } = spanOf(tale);
  const reasons = reasonsOf(tale);
  return {
    state,
    time: toldOf(tale, userEvents['user.created'])?.time ?? first,
    title: `user ${id}`,
    text: [name, email, locale, ...reasons].filter((part) => part !== undefined).join(' · '),
    fields: fieldsOf({
      ...{ name, email, locale, updatedAt: isoTime(last) },
      ...(reasons.length > 0 && { reasons }),
    }),
    identifiers: [id, email].filter((part) => part !== undefined),
    names: [name].filter((part) => part !== undefined),
  };
}
