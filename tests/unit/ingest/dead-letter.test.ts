import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MAX_KEPT_KEY_BYTES, MAX_KEPT_VALUE_BYTES } from '../../../packages/sagaline/dead-letter/kept.ts';
import { toDeadLetterRecord, toDeadLetterRow } from '../../../packages/sagaline/dead-letter/letter.ts';
import { InvalidRecord } from '../../../packages/sagaline/events/invalid-record.ts';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { aRecord } from './records.ts';

const error = new InvalidRecord('too-large', '', 'is too large');
const letterOf = (record: Partial<ConsumedRecord>) => ({ record: aRecord(record), error });
const digestOf = (part: Buffer) => ({ bytes: part.length, sha256: createHash('sha256').update(part).digest('hex') });

describe('a dead letter', () => {
  test('keeps a value and a key up to their bounds, and of larger ones size and digest', () => {
    const [key, value] = [Buffer.alloc(MAX_KEPT_KEY_BYTES, 'k'), Buffer.alloc(MAX_KEPT_VALUE_BYTES, 'v')];
    const kept = toDeadLetterRow(letterOf({ key, value }));
    expect([kept.key?.length, kept.value?.length]).toEqual([key.length, value.length]);
    expect(kept).not.toHaveProperty('omitted');

    const [longer, larger] = [Buffer.concat([key, key]), Buffer.concat([value, value])];
    const omitted = { key: digestOf(longer), value: digestOf(larger) };
    expect(toDeadLetterRow(letterOf({ key: longer, value: larger }))).toMatchObject({
      key: null,
      value: null,
      omitted,
    });
    const record = toDeadLetterRecord(letterOf({ key: longer, value: larger }), 17n);
    expect(record).toMatchObject({ key: null, value: null });
    expect(record.headers['dlq-row-id']).toBe('17');
    expect(JSON.parse(String(record.headers['dlq-omitted']))).toEqual(omitted);
    expect(record.headers['dlq-offset']).toBe('7');
  });

  test('of bytes in which nobody finds records has where they are, and their digest', () => {
    const undecodable = {
      ...{ firstOffset: '3', lastOffset: '7', reason: 'corrupt' as const, message: 'does not decompress' },
      ...digestOf(Buffer.from('broken')),
    };
    const letter = letterOf({ value: null, undecodable });
    expect(toDeadLetterRow(letter)).toMatchObject({ omitted: { record: digestOf(Buffer.from('broken')) }, offset: 7n });
    expect(toDeadLetterRecord(letter).headers['dlq-first-offset']).toBe('3');
  });

  test('has ten values of a header at most', () => {
    const { headers } = toDeadLetterRow(letterOf({ headers: { ce_id: Array.from({ length: 1_000 }, String) } }));
    expect(headers['ce_id']).toHaveLength(10);
  });

  test('goes to a partition of its own record, whatever its key', () => {
    expect(toDeadLetterRecord(letterOf({ partition: 5 })).partition).toBe(5);
  });
});
