import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePlace, placeText } from '../../../packages/sagaline/events/place.ts';
import { parseRecord } from '../../../packages/sagaline/events/parse-record.ts';
import { replayOf } from '../../../packages/sagaline/replay/replay-records.ts';
import { createReplaySeal } from '../../../packages/sagaline/replay/replay-seal.ts';
import { readEvent } from '../../../packages/sagaline/pipeline/runtime/recorded-event.ts';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { anyRecord, aRecord } from './records.ts';
import { readingWith } from '../../support/reference.ts';

const seal = createReplaySeal('the secret of this installation');
const cancel = aRecord({ topic: 'order.cancel-requested', value: Buffer.from('{"orderId":"o-1"}'), offset: '7' });
const idOf = (record: ConsumedRecord): string =>
  parseRecord(
    record,
    readingWith(() => false, seal),
  ).eventId;
/** As it comes back from Kafka, at another place. */
const produced = (record: ConsumedRecord, by = seal): ConsumedRecord => ({
  ...record,
  ...{ headers: replayOf(record, by).headers, partition: 3, offset: '99' },
});

describe('a record that was produced once more', () => {
  test('is the event it was, however often, and in whichever life of its topic', () => {
    expect(idOf(produced(cancel))).toBe('pos:order.cancel-requested/0/7');
    expect(idOf(produced(produced(cancel)))).toBe('pos:order.cancel-requested/0/7');
    const later = { ...cancel, topicLife: 2 };
    expect(idOf(later)).toBe('pos:order.cancel-requested@2/0/7');
    expect(idOf({ ...produced(later), topicLife: 3 })).toBe('pos:order.cancel-requested@2/0/7');
  });

  test('is that event in the views, too', () => {
    expect(
      readEvent(
        produced(cancel),
        readingWith(() => false, seal),
      ),
    ).toMatchObject({ eventId: 'pos:order.cancel-requested/0/7' });
  });

  test.each<[string, ConsumedRecord]>([
    ['without a seal', { ...cancel, offset: '99', headers: { 'sagaline-replay-of': 'order.cancel-requested/0/7' } }],
    ['with the seal of another installation', { ...produced(cancel, createReplaySeal('x')), partition: 0 }],
    ['with the seal of another record', { ...produced(cancel), partition: 0, value: Buffer.from('{"orderId":"o-2"}') }],
    ['with its seal under another key', { ...produced(cancel), partition: 0, key: Buffer.from('o-1') }],
  ])('%s is another event', (_, record) => {
    expect(idOf(record)).toBe('pos:order.cancel-requested/0/99');
  });

  test('of another topic is not believed, though sealed', () => {
    const order = { ...cancel, topic: 'order.created' };
    expect(seal.firstPlaceOf({ ...order, offset: '99' }, new Map())).toMatchObject({ offset: '99' });
  });
});

test('a place is read back as it was written, and nothing else is one', () => {
  fc.assert(
    fc.property(anyRecord, fc.option(fc.integer({ min: 2, max: 999 }), { nil: undefined }), (record, topicLife) => {
      const { topic, partition, offset } = record;
      const place = { topic, partition, offset, ...(topicLife === undefined ? {} : { topicLife }) };
      expect(parsePlace(placeText(place))).toEqual(place);
    }),
  );
  for (const text of [
    '',
    'a/1',
    'a/1/2/3',
    'a/01/2',
    'a@1/1/2',
    'a@0/1/2',
    'a/1/-2',
    'a/1/9223372036854775808',
    'a/2147483648/1',
  ]) {
    expect(parsePlace(text)).toBeUndefined();
  }
});
