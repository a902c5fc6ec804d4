import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import { plannedSaga, type Plan, type PlannedKind } from './sagas/planned.saga.ts';

const one = (kind: PlannedKind, within: string): Plan => [[{ name: 'step', kind, within }]];
const started = (set: ReturnType<typeof given>, plan: Plan) =>
  set.on('real').startedUnchecked({ ...aNewOrder(), plan });

describe.concurrent('a step’s time is the participant’s', () => {
  test('who fails for longer than it: the saga rolls back', () =>
    started(
      given(plannedSaga).where('step', (it) => it.neverSucceeds()),
      one('remote', '3 seconds'),
    )
      .expectOutcome('order.rejected', { reason: 'StepTimedOut', step: 'step', compensated: ['step'] })
      // 0.3 + 0.6 + 1.2 s of pauses fit, another 2.4 do not.
      .expectAttempts({ step: 4 }));

  test('who never answers: the saga rolls back when it is over, and not at the end of the attempt', () =>
    started(
      given(plannedSaga).where('step', (it) => it.hangs()),
      one('remote', '2 seconds'),
    )
      .expectOutcome('order.rejected', { reason: 'StepTimedOut' })
      .expectAttempts({ step: 1 })
      .then((saga) => expect(tookMs(saga.row.journey)).toBeLessThan(8_000)));

  test('whose attempts take long before they fail: they count, one with the other', () =>
    started(
      given(plannedSaga).where('step', (it) => async (attempt) => {
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        return it.neverSucceeds()(attempt);
      }),
      one('remote', '6 seconds'),
    )
      .expectOutcome('order.rejected', { reason: 'StepTimedOut' })
      // 1.5 + 0.3, 1.5 + 0.6, and the third 1.5 with 1.2 after it is too much.
      .expectAttempts({ step: 3 }));

  test('and not ours: an outage much longer than it changes nothing', () =>
    started(
      given(plannedSaga).where('step', (it) => it.failsByOurOutageTimes(5)),
      one('remote', '1 second'),
    )
      .expectOutcome('order.completed')
      .expectAttempts({ step: 6 }));

  test('also after an outage of ours: what the participant took before it is not forgotten', () =>
    started(
      given(plannedSaga).where(
        'step',
        (it) => (attempt) => (attempt.call === 2 ? it.failsByOurOutageTimes(2) : it.neverSucceeds())(attempt),
      ),
      one('remote', '2 seconds'),
    )
      .expectOutcome('order.rejected', { reason: 'StepTimedOut' })
      // 0.3 after the first and 1.2 after the third; the fourth would wait for 2.4 more.
      .expectAttempts({ step: 4 }));

  test('so that “ask me again at once”, which Temporal takes for “never”, is asked again', () =>
    started(
      given(plannedSaga).where('step', (it) => it.asksForAnotherTry(5, 0)),
      one('remote', '10 seconds'),
    )
      .expectOutcome('order.completed')
      .expectAttempts({ step: 6 }));
});

describe.concurrent('a local step’s time', () => {
  test('is not used up by an outage of our database', () =>
    started(
      given(plannedSaga).where('step', (it) => it.failsByOurOutageTimes(7)),
      one('local', '1 second'),
    )
      .expectOutcome('order.completed')
      .expectAttempts({ step: 8 }));

  test('is used up by a statement that is refused', () =>
    started(
      given(plannedSaga).where('step', (it) => it.neverSucceeds()),
      one('local', '2 seconds'),
    ).expectOutcome('order.rejected', { reason: 'StepTimedOut', step: 'step', compensated: ['step'] }));

  test('is over for a saga that is cancelled meanwhile', () =>
    started(
      given(plannedSaga).where('step', (it, saga) =>
        it.meanwhile(() => saga.isAskedToCancel(), it.failsByOurOutageTimes(1_000)),
      ),
      one('local', '1 hour'),
    ).expectOutcome('order.cancelled', { reason: 'ChangedMind', compensated: ['step'] }));

  test('shows what it failed by last, while it is tried again', () =>
    started(
      given(plannedSaga).where('step', (it) => it.failsByOurOutageTimes(7)),
      one('local', '1 second'),
    ).then(async (saga) => {
      await saga.farEnd.until(() => saga.attemptsAt('step') > 3, 'the second round');
      expect((await saga.journey()).steps).toMatchObject([{ state: 'open', failure: 'OwnOutage' }]);
      await saga.result();
      expect(saga.row.journey?.steps[0]).not.toHaveProperty('failure');
    }));

  test('two of them side by side, one refused: the saga rolls back', () =>
    started(
      given(plannedSaga).where('left', (it) => it.failsForGood('Refused')),
      [
        [
          { name: 'left', kind: 'local', within: '1 hour' },
          { name: 'right', kind: 'local', within: '1 hour' },
        ],
      ],
    ).expectOutcome('order.rejected', { reason: 'Refused', compensated: ['right', 'left'] }));
});

function tookMs(journey: { steps: readonly { startedAt: string; endedAt?: string }[] } | undefined): number {
  const [step] = journey?.steps ?? [];
  return Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '');
}
