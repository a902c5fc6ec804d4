/**
 * Business facts: an order, an outcome, a sign-up. Kafka may have one several times, in one partition or in two; it counts once,
 * as the earliest of its records, whichever is read first.
 */
import { isEvent, type ValidEvent } from 'sagaline/pipeline';
import { orderEvents } from '../../../workflows/events/order.ts';
import { isAboutOrder, paymentEvents } from '../../../workflows/events/payment.ts';
import type { userEvents } from '../../../workflows/events/user.ts';
import type { LateSizes } from './watermark.ts';

/** Event types whose events are facts, and as what each is counted. */
export const FACTS = {
  'order.created': 'orders',
  'order.completed': 'completed',
  'order.rejected': 'rejected',
  'order.cancelled': 'cancelled',
  'payment.declined': 'declines',
  'payment.refunded': 'refunds',
  'user.created': 'signUps',
} as const satisfies Partial<
  Record<keyof typeof orderEvents | keyof typeof paymentEvents | keyof typeof userEvents, string>
>;

export type FactType = keyof typeof FACTS;

/** The facts that end an order's saga. */
export const OUTCOMES = ['order.completed', 'order.rejected', 'order.cancelled'] as const satisfies readonly FactType[];

export interface Fact {
  readonly type: FactType;
  /** Business key. */
  readonly key: string;
  /** Event time, ms since the epoch. */
  readonly time: number;
  readonly partition: number;
  readonly offset: bigint;
  readonly late: LateSizes;
  /** Money that came in or went back, in minor units. */
  readonly amount: bigint | null;
  readonly currency: string | null;
  /** Whether the saga undid any of its steps. */
  readonly compensated: boolean;
}

export type FactEvent = ValidEvent & { readonly type: FactType };

/** A payment for what is no order is none. */
export const isFact = (event: ValidEvent): event is FactEvent =>
  Object.hasOwn(FACTS, event.type) && isAboutOrder(event.payload);
export const isOutcome = ({ type }: Pick<Fact, 'type'>): boolean => OUTCOMES.some((outcome) => outcome === type);

export function factOf(event: FactEvent, late: LateSizes): Fact {
  const { type, key, time, record, position } = event;
  const money =
    isEvent(event, orderEvents['order.completed']) || isEvent(event, paymentEvents['payment.refunded'])
      ? event.payload
      : undefined;
  const undone =
    isEvent(event, orderEvents['order.rejected']) || isEvent(event, orderEvents['order.cancelled'])
      ? event.payload.compensated
      : [];
  return {
    ...{ type, key, time, late, partition: record.partition, offset: BigInt(position) },
    amount: money ? BigInt(money.amount) : null,
    currency: money?.currency ?? null,
    compensated: undone.length > 0,
  };
}

/** Whether `one` is the record that counts, and not `other`: a total order that no reader's progress changes. */
export function isEarlier(one: Fact, other: Fact): boolean {
  if (one.time !== other.time) return one.time < other.time;
  if (one.partition !== other.partition) return one.partition < other.partition;
  return one.offset < other.offset;
}

/** One fact for each key: the earliest. All are of one type. */
export function earliestOf(facts: readonly Fact[]): Fact[] {
  const byKey = new Map<string, Fact>();
  for (const fact of facts) {
    const known = byKey.get(fact.key);
    if (!known || isEarlier(fact, known)) byKey.set(fact.key, fact);
  }
  return [...byKey.values()];
}
