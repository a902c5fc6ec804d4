import { FinalFailure, remoteParticipant } from 'sagaline';
import { z } from 'zod';

/** At the hotel, whoever asks names what is made: every request may be repeated. */
export const hotel = remoteParticipant('hotel', {
  env: { HOTEL_URL: z.url() },
  create({ env, barrier, http }) {
    const at = (collection: string, key: string) => `${env.HOTEL_URL}/${collection}/${encodeURIComponent(key)}`;

    // A cancellation may come before its booking, a booking after it, and either twice: the barrier sees to all of it.
    const { act: book, undo: cancel } = barrier('room', {
      async do(room: { house: string; nights: number }, { key, http }) {
        await http.put(at('rooms', key), room);
        return { room: key };
      },
      async find({ key, http }) {
        const { status } = await http.get(at('rooms', key), { answers: [404] });
        return status === 200 ? { room: key } : undefined;
      },
      async undo({ room }, { http }) {
        await http.delete(at('rooms', room));
      },
    });

    async function deposit({ card, key }: { card: string; key: string }): Promise<void> {
      const { status } = await http.put(at('deposits', key), { key, body: { card }, answers: [422] });
      // Trying again would not help: the saga turns around, and the room is cancelled.
      if (status === 422) throw new FinalFailure('DepositRefused', 'the deposit was refused');
    }

    return { book, cancel, deposit };
  },
});
