import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageStillOpen } from '../../../activities/notification/failures.ts';
import { ChargeStillOpen } from '../../../activities/payment/failures.ts';

const failures = [
  ['a message', (ms: number) => new MessageStillOpen('k-1:email', ms)],
  ['a charge', (ms: number) => new ChargeStillOpen('o-1', ms)],
] as const;

test.each(failures)(
  '%s that is still open is asked about again, whatever two clocks say: never a delay of 0',
  (_what, of) => {
    fc.assert(
      fc.property(fc.double(), (openForMs) => {
        const delay = Number(of(openForMs).nextRetryDelay);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(1);
        expect(delay).toBeLessThanOrEqual(1_000);
      }),
      { examples: [[0], [-0], [1e-9], [-1], [Number.NaN], [Number.POSITIVE_INFINITY]] },
    );
  },
);
