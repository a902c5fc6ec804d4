import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { withHeartbeats } from '../../../packages/sagaline/ingest/heartbeat.ts';
import { BatchAbandoned, createRetry } from '../../../packages/sagaline/ingest/retry.ts';
import type { ConsumedBatch } from '../../../packages/sagaline/kafka/port.ts';

const down = new Error('the server is down');

/** Fails `times`, then answers. */
function failing(times: number) {
  let calls = 0;
  const run = () => (calls++ < times ? Promise.reject(down) : Promise.resolve('answer'));
  return { run, calls: () => calls };
}

describe('retry', () => {
  const never = new AbortController().signal;

  test('goes on until it works, and tells of every failure', async () => {
    const told: unknown[] = [];
    const { run } = failing(2);
    expect(await createRetry(never, (operation, error) => told.push([operation, error]))('start', run)).toBe('answer');
    expect(told).toEqual([
      ['start', down],
      ['start', down],
    ]);
  });

  test('begins nothing once the batch is abandoned, be it in a pause', async () => {
    const abandoned = new AbortController();
    const { run, calls } = failing(10);
    const retry = createRetry(abandoned.signal, () => abandoned.abort());
    await expect(retry('start', run)).rejects.toThrow(BatchAbandoned);
    expect(calls()).toBe(1);
  });
});

describe('with heartbeats', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function aBatch(batch: Partial<ConsumedBatch>): ConsumedBatch {
    const heartbeat = () => Promise.resolve();
    const place = { topic: 'order.created', partition: 0, records: [] };
    return { ...place, resolve: () => undefined, isActive: () => true, seek: () => undefined, heartbeat, ...batch };
  }

  /** Work that goes on until it is told to stop, or for a minute. */
  const long = (signal: AbortSignal) =>
    new Promise<string>((resolve) => {
      signal.addEventListener('abort', () => resolve('abandoned'));
      setTimeout(() => resolve('done'), 60_000);
    });

  test('slow work keeps the membership, and stops beating when it is done', async () => {
    const heartbeat = vi.fn(() => Promise.resolve());
    const work = withHeartbeats(aBatch({ heartbeat }), long);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await work).toBe('done');
    const beats = heartbeat.mock.calls.length;
    expect(beats).toBeGreaterThan(50);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(heartbeat).toHaveBeenCalledTimes(beats);
  });

  test.each<[string, Partial<ConsumedBatch>]>([
    ['a heartbeat says that the partition is gone', { heartbeat: () => Promise.reject(new Error('rebalance')) }],
    ['the consumer stops', { isActive: () => false }],
  ])('work is abandoned when %s', async (_name, batch) => {
    const work = withHeartbeats(aBatch(batch), long);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await work).toBe('abandoned');
  });
});
