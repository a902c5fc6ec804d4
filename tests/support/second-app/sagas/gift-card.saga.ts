/**
 * gift-card.ordered ─► activation (pivot) ─► gift-card.issued
 *                          └─ refused ─► gift-card.rejected
 */
import { z } from 'zod';
import { Amount, Currency, defineEvents, defineSaga, event, Id, remote, RolledBack } from 'sagaline/workflow';
import type { giftCard } from '../participants/gift-card.ts';

export const events = defineEvents({
  'gift-card.ordered': event('cardId', z.object({ cardId: Id, amount: Amount, currency: Currency })),
  'gift-card.issued': event('cardId', z.object({ cardId: Id, code: z.string() })),
  'gift-card.rejected': event('cardId', RolledBack.extend({ cardId: Id })),
});

const issuer = remote<typeof giftCard>('giftCard');

export const giftCardSaga = defineSaga({
  name: 'giftCardSaga',
  on: events['gift-card.ordered'],
  sagaId: ({ cardId }) => cardId,
  subject: ({ cardId }) => ({ cardId }),
  outcomes: { completed: events['gift-card.issued'], rolledBack: events['gift-card.rejected'] },

  async run({ cardId, amount, currency }, saga) {
    const activated = await saga.pivot('activation', {
      action: (key) => issuer.activate({ cardId, amount, currency, key }),
    });
    return { cardId, code: activated?.code ?? 'by hand' };
  },
});
