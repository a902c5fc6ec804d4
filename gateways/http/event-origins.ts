import type { EventType } from '../../workflows/contracts/events.ts';

/**
 * Where each type of event comes from. HTTP takes those from `outside` and no others: an outcome, or an alert that mails
 * the operators, is not for a caller to say. One entry a type, or this does not compile.
 */
const ORIGINS = {
  'order.created': 'outside',
  'order.cancel-requested': 'outside',
  'order.completed': 'inside',
  'order.rejected': 'inside',
  'order.cancelled': 'inside',
  'order.cancel-refused': 'inside',
  'payment.completed': 'inside',
  'payment.declined': 'inside',
  'payment.refunded': 'inside',
  'notification.sent': 'inside',
  'notification.failed': 'inside',
  'user.created': 'outside',
  'user.activity': 'outside',
  'user.onboarded': 'inside',
  'user.onboarding-failed': 'inside',
  'service.log': 'outside',
  'alert.raised': 'inside',
  'alert.notified': 'inside',
  'alert.failed': 'inside',
} as const satisfies Readonly<Record<EventType, 'outside' | 'inside'>>;

type Outside = { [Type in EventType]: (typeof ORIGINS)[Type] extends 'outside' ? Type : never }[EventType];

/** Whether a caller may say that such an event happened. */
export function comesFromOutside(type: EventType): type is Outside {
  return ORIGINS[type] === 'outside';
}

export type { Outside as OutsideEventType };
