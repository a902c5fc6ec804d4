import { userEvents } from '../../../../workflows/events/user.ts';
import { fieldsOf, isoTime, type SearchDocument } from '../document.ts';
import { spanOf, toldOf, type Tale } from '../told.ts';
import { reasonsOf } from './reasons.ts';

export const USER_TYPES = ['user.created', 'user.onboarded', 'user.onboarding-failed'] as const;

/** A user as the events tell of them; name and address only where personal data are searched. */
export function userDocument(id: string, version: number, tale: Tale): SearchDocument {
  const { name, email, locale } = toldOf(tale, userEvents['user.created'])?.data ?? {};
  const failed = toldOf(tale, userEvents['user.onboarding-failed']) && 'onboardingFailed';
  const state =
    (toldOf(tale, userEvents['user.onboarded']) && 'onboarded') ??
    failed ??
    (toldOf(tale, userEvents['user.created']) && 'created');
  const { first, last } = spanOf(tale);
  const reasons = reasonsOf(tale);
  return {
    ...{ kind: 'user', id, version, state },
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
