/** What events told about a subject, as far as documents need it. The order in which they came does not matter. */
import type { EventValue, PayloadOf } from '../../contracts/event.ts';
import { recordTimeMs } from '../../ground/instant.ts';
import type { ValidEvent } from '../runtime/recorded-event.ts';

/** Which record it was: a total order over the records of a topic that no consumer can change. */
export type TopicOrder = readonly [recordTime: number, partition: number, offset: string];

/** What is kept of the first event of a type. */
export interface Told<Data extends object = Readonly<Record<string, unknown>>> {
  readonly position: TopicOrder;
  /** Event time, ms. */
  readonly time: number;
  /** What `keep` kept of its payload. */
  readonly data: Partial<Data>;
}

/** By event type, the first record of each. */
export type Tale = Readonly<Record<string, Told | undefined>>;

/** @param data what of its payload is kept */
export function tell(event: ValidEvent, data: Told['data']): Told {
  const { partition, timestamp } = event.record;
  return { position: [recordTimeMs(timestamp), partition, event.position], time: event.time, data };
}

/** The first record of an event. */
export function toldOf<E extends EventValue>(tale: Tale, event: E): Told<PayloadOf<E>> | undefined {
  // It was a payload of this event, and went through JSON: a type has one schema, which the catalogue sees to.
  return tale[event.type] as Told<PayloadOf<E>> | undefined;
}

/** Of two records of one type the earlier one counts, whichever came first. */
export function mergeTales(one: Tale, other: Tale): Tale {
  const merged: Record<string, Told | undefined> = { ...one };
  for (const [type, told] of Object.entries(other)) {
    const known = merged[type];
    if (!told) continue;
    if (!known || isBefore(told.position, known.position)) merged[type] = told;
  }
  return merged;
}

function isBefore(a: TopicOrder, b: TopicOrder): boolean {
  if (a[0] !== b[0]) return a[0] < b[0];
  if (a[1] !== b[1]) return a[1] < b[1];
  return BigInt(a[2]) < BigInt(b[2]);
}

/** When it began and when something happened last, event time in ms. */
export function spanOf(tale: Tale): { readonly first: number; readonly last: number } {
  const times = Object.values(tale).flatMap((told) => told?.time ?? []);
  return { first: Math.min(...times), last: Math.max(...times) };
}
