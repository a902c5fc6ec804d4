/* eslint @typescript-eslint/no-unsafe-call: off, @typescript-eslint/no-unsafe-return: off, @typescript-eslint/no-unsafe-member-access: off
   -- what does not compile has no type */
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  replay,
  sagaTests,
  type FaultCase,
  type Given,
  type SagaExpectations,
} from '../../packages/sagaline/testing.ts';
import { events, giftCardSaga } from '../support/second-app/sagas/gift-card.saga.ts';

const folder = new URL('../support/second-app/sagas/', import.meta.url);

/** Type-checked, never run. */
function notCalled(_: () => unknown): void {
  // Nothing to do.
}

// Not `it`, whose calls Vitest takes for tests where it reads types.
describe('sagaline/testing', () => {
  test('goes from a saga to what is expected of it', () => {
    notCalled(() => {
      const { given, faultMatrix } = sagaTests(folder, { results: { 'giftCard.activate': { code: 'A-1' } } });
      expectTypeOf(given(giftCardSaga)).toEqualTypeOf<Given>();
      expectTypeOf(given(giftCardSaga).started({ cardId: 'g-1' })).toEqualTypeOf<SagaExpectations>();
      expectTypeOf(faultMatrix(giftCardSaga, { started: {} })).toEqualTypeOf<Promise<readonly FaultCase[]>>();
      expectTypeOf(replay(folder, folder)).resolves.toHaveProperty('replays');
    });
  });

  test('a folder is a URL, and what is tested a saga', () => {
    // @ts-expect-error -- a path could be relative to anything
    notCalled(() => sagaTests('./workflows'));
    // @ts-expect-error -- an event is no saga
    notCalled(() => sagaTests(folder).given(events['gift-card.ordered']));
    // @ts-expect-error -- neither is any function
    notCalled(() => sagaTests(folder).given(() => Promise.resolve()));
  });

  test('a participant does what there is a word for', () => {
    notCalled(() => {
      const { given } = sagaTests(folder);
      given(giftCardSaga).where('activation', (they) => they.failsForGood('ActivationRefused'));
      // @ts-expect-error -- misspelt
      given(giftCardSaga).where('activation', (they) => they.failForGood('ActivationRefused'));
      // @ts-expect-error -- a final failure has a name
      given(giftCardSaga).where('activation', (they) => they.failsForGood());
      // @ts-expect-error -- there are two kinds of server
      given(giftCardSaga).on('fast');
    });
  });

  test('the payload of an outcome that is expected by value is that of its event', () => {
    notCalled(() => {
      const saga = sagaTests(folder).given(giftCardSaga).started({});
      saga.expectOutcome(events['gift-card.rejected'], { step: 'activation', reason: expect.any(String) as string });
      saga.expectOutcome('gift-card.rejected', { anything: 'goes for a name' });
      // @ts-expect-error -- the event has no such field
      saga.expectOutcome(events['gift-card.issued'], { kode: 'A-1' });
      // @ts-expect-error -- a code is text
      saga.expectOutcome(events['gift-card.issued'], { code: 1 });
      // @ts-expect-error -- misspelt
      return saga.expectOutcomes(events['gift-card.issued']);
    });
  });
});
