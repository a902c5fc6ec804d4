import { z } from 'zod';
import { remoteParticipant } from 'sagaline';

const Charge = z.object({ id: z.string(), status: z.string() });
const Charges = z.object({ charges: z.array(Charge) });

/** Takes a deposit, and gives it back. Amounts in minor units. */
export const deposit = remoteParticipant('deposit', {
  env: { DEPOSIT_URL: z.url() },
  create({ env, barrier }) {
    const charges = `${env.DEPOSIT_URL}/v1/charges`;
    const { act: take, undo: giveBack } = barrier('deposit', {
      async do({ orderId, ...card }: { orderId: string; amount: number; currency: string; token: string }, { http }) {
        return Charge.parse((await http.post(charges, { ...card, metadata: { orderId } })).body);
      },
      async find({ key, http }) {
        const { body } = await http.get(`${charges}?idempotencyKey=${encodeURIComponent(key)}`);
        return Charges.parse(body).charges.find(({ status }) => status === 'captured');
      },
      async undo({ id }, { http }) {
        await http.post(`${charges}/${encodeURIComponent(id)}/refunds`, {});
      },
    });
    return { take, giveBack };
  },
});
