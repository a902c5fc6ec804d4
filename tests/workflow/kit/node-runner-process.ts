/** Tests by Node's own runner: started by node-runner.test.ts, and over when its servers are stopped. */
import { test } from 'node:test';
import { sagaTests } from '../../../packages/sagaline/testing.ts';
import { events, giftCardSaga } from '../../support/second-app/sagas/gift-card.saga.ts';

const { given } = sagaTests(new URL('../../support/second-app/sagas/', import.meta.url));

void test('a card is issued', async () => {
  await given(giftCardSaga)
    .where('activation', (it) => it.succeeds({ code: 'A-1' }))
    .started({ cardId: 'g-1', amount: 500, currency: 'EUR' })
    .expectOutcome(events['gift-card.issued'], { code: 'A-1' });
});

void test('another outcome is told', async () => {
  await given(giftCardSaga)
    .started({ cardId: 'g-2', amount: 500, currency: 'EUR' })
    .expectOutcome(events['gift-card.rejected']);
});
