import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { earliestOf, factOf, isEarlier, isFact, type Fact } from '../../../../gateways/pipeline/statistics/facts.ts';
import { changedWindows } from '../../../../gateways/pipeline/statistics/changed-windows.ts';
import { Tally } from '../../../../gateways/pipeline/statistics/tally.ts';
import { activity, eventOf } from '../../../support/recorded-events.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');

function completed(options: {
  key?: string;
  time?: number;
  partition?: number;
  offset?: number;
  amount?: number;
}): Fact {
  const { key = 'o-1', time = NOON, amount = 1_999, ...position } = options;
  const payload = { orderId: key, paymentId: 'p-1', amount, currency: 'EUR' };
  const event = eventOf('order.completed', payload, { ...position, time });
  if (!isFact(event)) throw new Error('no fact');
  return factOf(event, 0);
}

const facts = fc
  .array(
    fc.record({
      key: fc.constantFrom('o-1', 'o-2', 'o-3'),
      time: fc.integer({ min: NOON, max: NOON + 3 }),
      partition: fc.integer({ min: 0, max: 2 }),
      amount: fc.integer({ min: 1, max: 100 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((records) => records.map((record, offset) => completed({ ...record, offset })));

describe('a fact', () => {
  test('that Kafka has several times is the earliest of its records, in whatever order they are read', () => {
    fc.assert(
      fc.property(
        facts.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const byKey = (one: Fact, other: Fact) => (one.key < other.key ? -1 : 1);
          const kept = earliestOf(all).sort(byKey);
          expect(earliestOf(shuffled).sort(byKey)).toEqual(kept);
          for (const fact of all) {
            const counted = kept.find(({ key }) => key === fact.key);
            expect(counted === fact || (counted && isEarlier(counted, fact))).toBe(true);
          }
        },
      ),
    );
  });

  test('knows its money exactly, up to the largest amount', () => {
    expect(completed({ amount: Number.MAX_SAFE_INTEGER }).amount).toBe(9_007_199_254_740_991n);
  });

  test('of a rejection tells whether anything was undone', () => {
    const rejection = (compensated: string[]) => {
      const event = eventOf('order.rejected', { orderId: 'o-1', reason: 'no', compensated, skipped: [] });
      return isFact(event) && factOf(event, 0).compensated;
    };
    expect([rejection(['payment']), rejection([])]).toEqual([true, false]);
  });
});

describe('a tally', () => {
  test('counts an event in one window of each size', () => {
    const tally = new Tally();
    tally.addRecord(activity(NOON + 61_500), 0);
    expect([...tally.counts.values()]).toEqual([
      { windowMs: 1_000, measure: 'activities', start: NOON + 61_000, label: 'viewed', detail: '', value: 1 },
      { windowMs: 60_000, measure: 'activities', start: NOON + 60_000, label: 'viewed', detail: '', value: 1 },
      { windowMs: 3_600_000, measure: 'activities', start: NOON, label: 'viewed', detail: '', value: 1 },
    ]);
  });

  test('counts one that is late for some sizes in the others, and says so', () => {
    const tally = new Tally();
    tally.addRecord(activity(NOON), 0b011);
    expect([...tally.counts.values()].map(({ windowMs }) => windowMs)).toEqual([3_600_000]);
    expect([...tally.late.values()]).toEqual([
      { topic: 'user.activity', windowMs: 1_000, value: 1 },
      { topic: 'user.activity', windowMs: 60_000, value: 1 },
    ]);
  });

  test('takes back all that it counted of a fact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1 }), (late, amount) => {
        const tally = new Tally();
        const fact = { ...completed({ amount }), late };
        const created = { time: NOON - 4_000 };
        for (const sign of [1, -1] as const) {
          tally.addFact(fact, sign);
          tally.addDuration(created, fact, sign);
        }
        const values = [tally.counts, tally.amounts, tally.durations, tally.late].flatMap((cells) =>
          [...cells.values()].map(({ value }) => Number(value)),
        );
        expect(values.length).toBeGreaterThan(0);
        expect(values.every((value) => value === 0)).toBe(true);
        expect(changedWindows(tally)).toEqual([]);
      }),
    );
  });

  test('knows which windows it changes, and in what', () => {
    const tally = new Tally();
    tally.addRecord(activity(NOON), 0);
    tally.addFact(completed({ time: NOON + 1_000 }), 1);
    expect(changedWindows(tally)).toEqual([
      { size: '1s', start: NOON, measures: ['activities'] },
      { size: '1s', start: NOON + 1_000, measures: ['completed', 'revenue'] },
      { size: '1m', start: NOON, measures: ['activities', 'completed', 'revenue'] },
      { size: '1h', start: NOON, measures: ['activities', 'completed', 'revenue'] },
    ]);
  });
});
