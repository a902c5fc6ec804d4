/** Another application than the reference: it sells gift cards, and has nothing of orders, users or log lines. */
import { defineApp } from 'sagaline';
import { cards, cardEvents, searchedCards } from './cards.ts';
import { giftCard } from './participants/gift-card.ts';
import { cardRoutes } from './routes.ts';

export const app = defineApp({
  name: 'gift-shop',
  sagas: new URL('./sagas/', import.meta.url),
  participants: [giftCard],
  projections: [cards],
  searchKinds: [searchedCards],
  batches: [{ path: '/v1/card-views', event: cardEvents['gift-card.viewed'] }],
  routes: [cardRoutes],
});
