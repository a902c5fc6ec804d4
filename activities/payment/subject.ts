import type { PaidFor, Subject } from './contract.ts';

/** What is paid for, in one form. */
export function subjectOf({ orderId, subject }: PaidFor): Subject {
  return orderId === undefined ? subject : { kind: 'order', id: orderId };
}
