/**
 * booking.requested ─► room ─► deposit (pivot) ─► booking.confirmed
 *                        ▲        │
 *                        └ cancel ┴─ refused, deadline ─► booking.rejected
 */
import { defineEvents, defineSaga, event, Id, remote, RolledBack } from 'sagaline/workflow';
import { z } from 'zod';
import type { hotel } from '../participants/hotel.ts';

export const events = defineEvents({
  'booking.requested': event(
    'bookingId',
    z.object({ bookingId: Id, house: z.string(), nights: z.int().positive(), card: z.string() }),
  ),
  'booking.confirmed': event('bookingId', z.object({ bookingId: Id, nights: z.int() })),
  'booking.rejected': event('bookingId', RolledBack.extend({ bookingId: Id })),
});

const hotels = remote<typeof hotel>('hotel');

export const bookingSaga = defineSaga({
  name: 'bookingSaga',
  on: events['booking.requested'],
  sagaId: ({ bookingId }) => bookingId,
  subject: ({ bookingId }) => ({ bookingId }),
  deadline: '1 hour',
  outcomes: { completed: events['booking.confirmed'], rolledBack: events['booking.rejected'] },

  async run({ bookingId, house, nights, card }, saga) {
    await saga.compensatable('room', {
      action: (key) => hotels.book({ house, nights, key }),
      compensation: ({ actionKey }) => hotels.cancel({ actionKey }),
    });
    await saga.pivot('deposit', { action: (key) => hotels.deposit({ card, key }) });
    return { bookingId, nights };
  },
});
