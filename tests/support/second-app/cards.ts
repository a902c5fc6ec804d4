/** Gift cards as their events tell of them: a view, what it tells live readers, and what the search finds. */
import { z } from 'zod';
import {
  defineProjection,
  defineSearchSubject,
  isEvent,
  type RecordedEvent,
  spanOf,
  toldOf,
  type ValidEvent,
} from 'sagaline/pipeline';
import { defineEvents, event, Id } from 'sagaline/workflow';
import { events } from './sagas/gift-card.saga.ts';

/** Heard by no saga. */
export const cardEvents = defineEvents({ 'gift-card.viewed': event('cardId', z.object({ cardId: Id })) });

const READ = [events['gift-card.ordered'], events['gift-card.issued'], cardEvents['gift-card.viewed']];

/** What an event adds; sums of these do not depend on the order of topics. */
const stepOf = (recorded: ValidEvent) => ({
  issued: isEvent(recorded, events['gift-card.issued']),
  views: isEvent(recorded, cardEvents['gift-card.viewed']) ? 1 : 0,
});

const isValid = (recorded: RecordedEvent): recorded is ValidEvent => recorded.fault === undefined;

export const cards = defineProjection('cards', {
  tells: ['cards'],
  create: ({ tell }) => ({
    ...{ name: 'cards', description: 'gift cards, and how often they were looked at' },
    topics: READ.map(({ type }) => type),
    tables: `CREATE TABLE "cards" ("id" TEXT PRIMARY KEY, "issued" BOOLEAN NOT NULL, "views" INTEGER NOT NULL);`,
    async apply(tx, recorded) {
      const valid = recorded.filter(isValid);
      for (const one of valid) {
        const { issued, views } = stepOf(one);
        await tx.query(
          `INSERT INTO "cards" VALUES ($1, $2, $3) ON CONFLICT ("id") DO UPDATE SET
             "issued" = "cards"."issued" OR EXCLUDED."issued", "views" = "cards"."views" + EXCLUDED."views"`,
          [one.key, issued, views],
        );
      }
      if (valid.length > 0) await tell(tx, 'cards', { cardIds: valid.map(({ key }) => key) });
    },
  }),
});

export const searchedCards = defineSearchSubject('giftcard', {
  plural: 'gift cards',
  events: [events['gift-card.ordered'], events['gift-card.issued']],
  // The code is as good as money.
  keep: (recorded) => (isEvent(recorded, events['gift-card.ordered']) ? recorded.payload : {}),
  describe(id, tale) {
    const { amount, currency } = toldOf(tale, events['gift-card.ordered'])?.data ?? {};
    return {
      ...{ time: spanOf(tale).first, state: toldOf(tale, events['gift-card.issued']) ? 'issued' : 'ordered' },
      ...{ title: `gift card ${id}`, text: amount === undefined ? '' : `${amount} ${currency ?? ''}` },
      ...{ fields: {}, identifiers: [id], names: [] },
    };
  },
});
