import { z } from 'zod';
import { remoteParticipant } from 'sagaline';

interface Activation {
  readonly cardId: string;
  readonly amount: number;
  readonly currency: string;
  readonly key: string;
}

/** The issuer of gift cards. It keeps idempotency keys, so a request may be repeated. Amounts in minor units. */
export const giftCard = remoteParticipant('giftCard', {
  env: { GIFT_CARD_URL: z.url() },
  create: ({ env, http }) => ({
    /** @throws RequestRefused (final) */
    async activate({ key, ...card }: Activation) {
      const { body } = await http.post(`${env.GIFT_CARD_URL}/v1/activations`, { key, body: card });
      return z.object({ code: z.string() }).parse(body);
    },
  }),
});
