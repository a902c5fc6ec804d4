import { replay, sagaTests } from 'sagaline/testing';
import { test } from 'vitest';
import { bookingSaga, events } from '../workflows/booking.saga.ts';

const sagas = new URL('../workflows/', import.meta.url);
const { given } = sagaTests(sagas);
const request = { bookingId: 'b-1', house: 'lakeview', nights: 2, card: 'tok_1' };

test('a room and a deposit are a booking', () =>
  given(bookingSaga).started(request).expectOutcome(events['booking.confirmed'], { nights: 2 }));

test('a refused deposit gives the room back', () =>
  given(bookingSaga)
    .where('deposit', (it) => it.failsForGood('DepositRefused'))
    .started(request)
    .expectOutcome(events['booking.rejected'], { reason: 'DepositRefused', compensated: ['room'] }));

// Add one (docs/replay.md) whenever a saga may be running somewhere: what cannot replay it must not be deployed.
test('bookings that run already go on with this code', () => replay(sagas, new URL('./histories/', import.meta.url)));
