import { describe, expect, test } from 'vitest';
import { allowedHeaders, headerText } from '../../../packages/sagaline/events/record-headers.ts';
import { replayOf } from '../../../packages/sagaline/replay/replay-records.ts';
import { createReplaySeal } from '../../../packages/sagaline/replay/replay-seal.ts';

describe('a header whose value is null', () => {
  test('is read as absent', () => {
    const headers = allowedHeaders({ 'content-type': null, traceparent: [null], ce_id: [null, Buffer.from('e-1')] });
    expect(headerText(headers, 'content-type')).toBeUndefined();
    expect(headers.has('traceparent')).toBe(false);
    expect(headerText(headers, 'ce_id')).toBe('e-1');
  });

  test('is left out when its record is produced once more', () => {
    const record = { topic: 't', partition: 1, offset: '7', key: null, value: Buffer.from('{}'), timestamp: 0 };
    const { headers } = replayOf(
      { ...record, headers: { a: null, b: [null, Buffer.from('2')] } },
      createReplaySeal('secret'),
    );
    expect(headers).toMatchObject({ b: [Buffer.from('2')], 'sagaline-replay-of': 't/1/7' });
    expect(headers).not.toHaveProperty('a');
  });
});
