/** What events told about a subject, as far as documents need it. The order in which they came does not matter. */
import type { EventType, Payload } from '../../../workflows/contracts/events.ts';
import { recordTimeMs } from '../../instant.ts';
import type { ValidEvent } from '../runtime/recorded-event.ts';

/** Which record it was: a total order over the records of a topic that no consumer can change. */
type Position = readonly [recordTime: number, partition: number, offset: string];

export interface Told<T extends EventType = EventType> {
  readonly position: Position;
  /** Event time, ms. */
  readonly time: number;
  readonly data: Partial<Payload<T>>;
}

/** By event type, the first record of each. */
export type Tale = { readonly [T in EventType]?: Told<T> };

export interface TellOptions {
  /** Whether names and addresses of people are kept, and found. */
  readonly personalData: boolean;
}

/** What of an event is kept. Never the payment token, and personal data only if they are wanted. */
export function tell(event: ValidEvent, { personalData }: TellOptions): Told {
  const { partition, timestamp } = event.record;
  return {
    position: [recordTimeMs(timestamp), partition, event.position],
    time: event.time,
    data: dataOf(event, personalData),
  };
}

function dataOf(event: ValidEvent, personalData: boolean): Told['data'] {
  if (event.type === 'order.created') {
    const { orderId, customerId, amount, currency, items, contact } = event.payload;
    return { orderId, customerId, amount, currency, items, ...(personalData && { contact }) };
  }
  if (event.type === 'user.created') {
    const { email, name, ...user } = event.payload;
    return personalData ? { ...user, email, name } : user;
  }
  return event.payload;
}

/** Of two records of one type the earlier one counts, whichever came first. */
export function mergeTales(one: Tale, other: Tale): Tale {
  const merged: Record<string, Told> = { ...one };
  for (const [type, told] of Object.entries(other)) {
    const known = merged[type];
    if (!known || isBefore(told.position, known.position)) merged[type] = told;
  }
  return merged;
}

function isBefore(a: Position, b: Position): boolean {
  if (a[0] !== b[0]) return a[0] < b[0];
  if (a[1] !== b[1]) return a[1] < b[1];
  return BigInt(a[2]) < BigInt(b[2]);
}

/** The first record of a type, by a name that only its saga knows. */
export function toldOf(tale: Readonly<Record<string, Told | undefined>>, type: string): Told | undefined {
  return tale[type];
}

/** When it began and when something happened last, event time in ms. */
export function spanOf(tale: Tale): { readonly first: number; readonly last: number } {
  const times = Object.values(tale).map(({ time }) => time);
  return { first: Math.min(...times), last: Math.max(...times) };
}
