/** Where a record is, in one text: what identifies an event that has no id of its own. */
import type { ConsumedRecord } from '../kafka/port.ts';

export type RecordPlace = Pick<ConsumedRecord, 'topic' | 'partition' | 'offset' | 'topicLife'>;

const MAX_PARTITION = 2 ** 31 - 1;
const MAX_OFFSET = 2n ** 63n - 1n;

/**
 * `<topic>/<partition>/<offset>` in the first life of a topic, `<topic>@<life>/<partition>/<offset>` in a later one. No topic has
 * an @ in its name.
 */
export function placeText({ topic, partition, offset, topicLife = 1 }: RecordPlace): string {
  return `${topic}${topicLife > 1 ? `@${topicLife}` : ''}/${partition}/${offset}`;
}

/** Reads what {@link placeText} wrote; undefined for anything else. */
export function parsePlace(text: string): RecordPlace | undefined {
  const match = /^([A-Za-z0-9._-]{1,249})(?:@([1-9][0-9]{0,8}))?\/([0-9]{1,10})\/([0-9]{1,19})$/.exec(text);
  if (!match) return undefined;
  const [, topic = '', life = '1', partition = '', offset = ''] = match;
  if (Number(partition) > MAX_PARTITION || BigInt(offset) > MAX_OFFSET) return undefined;
  const place = { topic, partition: Number(partition), offset, ...(life === '1' ? {} : { topicLife: Number(life) }) };
  return placeText(place) === text ? place : undefined;
}
