/** The kit as the repository of another application uses it: its own folder of sagas, and nothing set up. */
import { describe, expect, test } from 'vitest';
import {
  InvalidEvent,
  SagaIdTaken,
  SagaStuck,
  sagaTests,
  UnknownSaga,
  UnknownStep,
  type SagaExpectations,
} from '../../../packages/sagaline/testing.ts';
import { orderSaga } from '../../../workflows/order.saga.ts';
import { anOrder } from '../../support/orders.ts';
import { events, giftCardSaga } from '../../support/second-app/sagas/gift-card.saga.ts';

const { given } = sagaTests(new URL('../../support/second-app/sagas/', import.meta.url));
const histories = new URL('../../support/second-app/histories/', import.meta.url);
const ours = sagaTests(new URL('../../../workflows/', import.meta.url));
const order = { cardId: 'g-1', amount: 500, currency: 'EUR' };

describe('a saga of another application', () => {
  test('completes with what its participant says', () =>
    given(giftCardSaga)
      .where('activation', (it) => it.succeeds({ code: 'A-1' }))
      .started(order)
      .expectSteps('activation')
      .expectOutcome(events['gift-card.issued'], { cardId: 'g-1', code: 'A-1' })
      .expectNoCompensations()
      .recordedAs('giftCardSaga-issued', histories));

  test('a refused activation is no card, though a card of this id was issued in the test before', () =>
    given(giftCardSaga)
      .where('activation', (it) => it.failsForGood('ActivationRefused'))
      .started(order)
      .expectOutcome(events['gift-card.rejected'], { step: 'activation', reason: 'ActivationRefused' })
      .expectAttempts({ activation: 1 })
      .recordedAs('giftCardSaga-rejected', histories));

  test('goes on when its worker dies in the middle of an attempt', () =>
    given(giftCardSaga)
      .where('giftCard.activate', (it) => it.losesItsWorkerTimes(1, it.succeeds({ code: 'A-2' })))
      .started({ ...order, cardId: 'g-dies' })
      .expectOutcome(events['gift-card.issued'], { code: 'A-2' })
      .expectAttempts({ activation: 2 }));

  test('is given what its event’s schema lets through, and no more', () =>
    given(giftCardSaga)
      .started({ ...order, cardId: 'g-more', note: 'dropped' })
      .expectOutcome(events['gift-card.issued'], { code: 'by hand' })
      .then(({ farEnd }) => expect(farEnd.calls[0]?.input).not.toHaveProperty('note')));
});

describe('what cannot be tested is told with what to do', () => {
  async function rejection(expectations: SagaExpectations): Promise<unknown> {
    try {
      await expectations;
    } catch (error) {
      return error;
    }
    throw new Error('nothing was wrong');
  }

  test('a step that the saga does not have: the steps that there are', async () => {
    const error = await rejection(
      given(giftCardSaga)
        .where('activaton', (it) => it.failsForGood('ActivationRefused'))
        .started({ ...order, cardId: 'g-misspelt' })
        .expectOutcome(events['gift-card.rejected']),
    );
    expect(error).toBeInstanceOf(UnknownStep);
    expect(String(error)).toContain(
      'giftCardSaga:g-misspelt has no activaton, of which .where(…) speaks. It opened: activation.',
    );
  });

  test('a method that the participant does not have, and an undo of no step', async () => {
    const error = await rejection(
      given(giftCardSaga)
        .where('giftCard.deactivate', (it) => it.succeeds())
        .where('delivery.compensation', (it) => it.succeeds())
        .where('outcome.complete', (it) => it.succeeds())
        .started({ ...order, cardId: 'g-method' })
        .expectOutcome(events['gift-card.issued']),
    );
    expect(String(error)).toContain('has no giftCard.deactivate, delivery.compensation,');
  });

  test('a payload that the event’s schema refuses: where', async () => {
    const error = await rejection(given(giftCardSaga).started({ cardId: 'g-2', amount: 'much', currency: 'EUR' }));
    expect(error).toBeInstanceOf(InvalidEvent);
    expect(String(error)).toMatch(
      /gift-card\.ordered does not take what giftCardSaga is started with:\n {2}- amount: .*number/,
    );
  });

  test('a saga of another folder', async () => {
    const error = await rejection(given(orderSaga).started(anOrder()));
    expect(error).toBeInstanceOf(UnknownSaga);
    expect(String(error)).toContain('exports orderSaga');
  });

  test('another outcome: which, and how it came to that', async () => {
    const error = await rejection(
      given(giftCardSaga)
        .started({ ...order, cardId: 'g-other' })
        .expectOutcome(events['gift-card.rejected']),
    );
    expect(error).toMatchObject({ actual: ['gift-card.issued'], expected: ['gift-card.rejected'] });
    expect(String(error)).toMatch(/giftCardSaga:g-other ended with gift-card\.issued .*; its steps: activation done/);
  });

  test('a payload field that is another', async () => {
    const error = await rejection(
      given(giftCardSaga)
        .started({ ...order, cardId: 'g-field' })
        .expectOutcome(events['gift-card.issued'], { code: 'A-3' }),
    );
    expect(error).toMatchObject({ actual: { code: 'by hand' }, expected: { code: 'A-3' } });
  });

  test('two tests at once with sagas of one id', async () => {
    const first = given(giftCardSaga)
      .where('activation', (it) => it.hangs())
      .started({ ...order, cardId: 'g-twice' });
    await first.then((saga) => saga.farEnd.until(() => saga.attemptsAt('activation') > 0, 'the attempt'));
    const error = await rejection(given(giftCardSaga).started({ ...order, cardId: 'g-twice' }));
    expect(error).toBeInstanceOf(SagaIdTaken);
    await first.then((saga) => saga.handle.terminate('seen'));
  });

  test('a saga whose code cannot read what no participant said, and would wait for a deploy', async () => {
    const error = await rejection(ours.given(orderSaga).started(anOrder()).expectOutcome('order.completed'));
    expect(error).toBeInstanceOf(SagaStuck);
    expect(String(error)).toMatch(/its code failed: .*paymentId.*\.where\('payment', \(it\) => it\.succeeds/);
  });
});
