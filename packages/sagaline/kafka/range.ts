import { isInstant } from '../ground/instant.ts';
import type { Kafka } from './port.ts';
import type { PartitionRange } from './read-range.ts';

/** Where to begin: with the oldest record that is kept, with an offset of every partition, or with a time (ms since the epoch). */
export type From =
  | { readonly kind: 'beginning' }
  | { readonly kind: 'offset'; offset: bigint }
  | { readonly kind: 'time'; timeMs: number };

/** What was typed is neither an offset nor a time. */
export class InvalidPlace extends Error {
  override readonly name = 'InvalidPlace';
  constructor(text: string) {
    super(`"${text}" is neither an offset such as 4711 nor a time such as 2026-01-31T12:00:00Z`);
  }
}

/** @throws InvalidPlace */
export function parseFrom(text: string | undefined): From {
  if (text === undefined || text === 'beginning') return { kind: 'beginning' };
  if (/^[0-9]{1,18}$/.test(text)) return { kind: 'offset', offset: BigInt(text) };
  const timeMs = /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) ? Date.parse(text) : NaN;
  if (!isInstant(timeMs)) throw new InvalidPlace(text);
  return { kind: 'time', timeMs };
}

/** The ranges of a topic from `from` to `to`, or to its present end; those without a record too. */
export async function rangesOf(kafka: Kafka, topic: string, from: From, to?: From): Promise<PartitionRange[]> {
  const [partitions, begins, ends] = await Promise.all([
    kafka.offsetsOf(topic),
    placesOf(kafka, topic, from),
    to ? placesOf(kafka, topic, to) : undefined,
  ]);
  return partitions.map(({ partition, low, high }) => {
    const begin = clamp(begins(partition) ?? low, low, high);
    return { partition, from: begin, to: clamp(ends?.(partition) ?? high, begin, high) };
  });
}

async function placesOf(kafka: Kafka, topic: string, place: From): Promise<(partition: number) => bigint | undefined> {
  if (place.kind === 'beginning') return () => undefined;
  if (place.kind === 'offset') return () => place.offset;
  const offsets = await kafka.offsetsAt(topic, place.timeMs);
  return (partition) => offsets.get(partition);
}

const clamp = (value: bigint, low: bigint, high: bigint): bigint => (value < low ? low : value > high ? high : value);
