import {
  KafkaJSConnectionError,
  KafkaJSGroupCoordinatorNotFound,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
} from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KafkaUnavailable, TopicsMissing } from '../../../packages/sagaline/kafka/errors.ts';
import { createRecovery } from '../../../packages/sagaline/kafka/kafkajs/recovery.ts';

const outage = new KafkaJSNumberOfRetriesExceeded(new KafkaJSConnectionError('connect ECONNREFUSED'), {
  retryCount: 4,
  retryTime: 100,
});
const bug = new KafkaJSNonRetriableError('cannot decode');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const recovery = () => createRecovery({ maxRebuilds: 2, maxOutageMs: 60_000, rebuildAfterMs: 500 });

describe('a crashed consumer', () => {
  test.each([
    ['a bug', bug],
    ['a missing topic', new TopicsMissing(['order.created'])],
  ])('is rebuilt a few times after %s, and then no more', (_, cause) => {
    const it = recovery();
    expect([it.crashed(cause), it.crashed(cause), it.crashed(cause)]).toEqual([500, 1_000, undefined]);
  });

  test('is rebuilt throughout an outage of the cluster, with pauses that stay short', () => {
    const it = recovery();
    const pauses = Array.from({ length: 10 }, () => it.crashed(outage));
    expect(pauses.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(pauses.at(-1)).toBe(5_000);
  });

  test('that nobody answers is an outage, too', () => {
    const it = recovery();
    const silence = () => it.crashed(new KafkaUnavailable('answer a fetch', 'nothing for 60000 ms'));
    expect([silence(), silence(), silence(), silence()]).not.toContain(undefined);
  });

  test('that no broker could name its coordinator is an outage, too, whatever kafkajs says', () => {
    const it = recovery();
    // Its type says that the constructor takes nothing, which it cannot do without.
    const error: unknown = Reflect.construct(KafkaJSGroupCoordinatorNotFound, ['Failed to find group coordinator']);
    const away = () => it.crashed(error);
    expect([away(), away(), away(), away()]).not.toContain(undefined);
  });

  test('is given up when the outage lasts too long', () => {
    const it = recovery();
    it.crashed(outage);
    vi.advanceTimersByTime(60_001);
    expect(it.crashed(outage)).toBeUndefined();
  });

  test('starts from the beginning after a sign of life', () => {
    const it = recovery();
    it.crashed(bug);
    it.crashed(bug);
    it.alive();
    expect(it.crashed(bug)).toBe(500);
  });
});
