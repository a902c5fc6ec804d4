import { describe, expect, test } from 'vitest';
import { encodeCloudEvent, sourceOf } from '../../../packages/sagaline/events/cloud-events.ts';

const event = {
  eventId: 'orderSaga:o-1:completed',
  type: 'order.completed',
  topic: 'order.completed',
  key: 'o-1',
  source: sourceOf('orderSaga:o-1'),
  time: new Date('2026-11-22T10:00:00.123Z'),
  json: '{"orderId":"o-1"}',
};

describe('an event on its way out', () => {
  test('is CloudEvents 1.0 in binary mode: payload as the value, attributes as headers', () => {
    expect(encodeCloudEvent(event)).toEqual({
      topic: 'order.completed',
      key: 'o-1',
      value: '{"orderId":"o-1"}',
      headers: {
        ce_specversion: '1.0',
        ce_id: 'orderSaga:o-1:completed',
        ce_type: 'order.completed',
        ce_source: '/sagaline/orderSaga',
        ce_time: '2026-11-22T10:00:00.123Z',
        ce_subject: 'o-1',
        ce_schemaversion: '1',
        'content-type': 'application/json',
      },
    });
  });

  test('carries the trace context for CloudEvents readers and for tracing libraries', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(encodeCloudEvent({ ...event, traceparent }).headers).toMatchObject({
      traceparent,
      ce_traceparent: traceparent,
    });
  });

  test.each([
    ['orderSaga:o-1', '/sagaline/orderSaga'],
    ['orderSaga:o:1', '/sagaline/orderSaga'],
    [null, '/sagaline'],
    [undefined, '/sagaline'],
    ['', '/sagaline'],
  ])('of workflow %s comes from %s', (workflowId, source) => {
    expect(sourceOf(workflowId)).toBe(source);
  });
});
