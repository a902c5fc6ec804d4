/** What holds of every saga that has ended, whatever happened to it. */
import type { JourneyStep } from '../contracts/saga.ts';
import { assertEqual, fail } from './assertions.ts';
import type { RunningSaga } from './running-saga.ts';

interface Told {
  readonly compensated?: readonly string[];
  readonly skipped?: readonly { readonly step: string }[];
}

/** What is looked at. */
export type EndedSaga = Pick<RunningSaga, 'workflowId' | 'row' | 'farEnd' | 'asked'>;

/**
 * One outcome; all done, or everything undone that was begun, last first, and nothing else; no action after the first undo.
 *
 * @param state what the workflow says
 * @param endings what it may say
 * @throws AssertionError
 */
export function checkInvariants(saga: EndedSaga, story: string, state: string, endings: readonly string[]): void {
  const { row, workflowId } = saga;
  const about = (what: string) => `${workflowId}, where ${story}: ${what}`;
  const opened = row.journey?.steps ?? [];
  const undone = saga.asked('compensations');

  assertEqual(row.outbox.length, 1, about('there is one outcome'));
  assertEqual(row.state, state, about('the saga row says what the workflow says'));
  assertEqual([...row.parked], [], about('nothing waits for an operator any more'));
  if (!endings.includes(state)) fail(about(`it should have ended as ${endings.join(' or ')}`), state, endings);
  if (state === 'completed') assertEqual(undone, [], about('what is done stays done'));
  else checkUndone(opened, undone, row.outbox[0]?.payload as Told, about);
  checkOrder(saga.farEnd.timeline, about);
}

type About = (what: string) => string;

function checkUndone(opened: readonly JourneyStep[], undone: readonly string[], told: Told, about: About): void {
  const backwards = opened.map(({ name }) => name).toReversed();
  assertEqual(
    undone,
    backwards.filter((name) => undone.includes(name)),
    about('what was begun is undone last first, and nothing that was not begun'),
  );
  const accounted = [...(told.compensated ?? []), ...(told.skipped ?? []).map(({ step }) => step)];
  const owed = opened.filter(({ kind }) => kind === 'compensatable').map(({ name }) => name);
  const forgotten = owed.filter((name) => !accounted.includes(name));
  assertEqual(forgotten, [], about('the outcome accounts for everything that was begun'));
  const invented = undone.filter((name) => !accounted.includes(name));
  assertEqual(invented, [], about('the outcome tells everything that was undone'));
}

function checkOrder(timeline: readonly string[], about: About): void {
  const firstUndo = timeline.findIndex((event) => event.includes('.compensation '));
  if (firstUndo < 0) return;
  const after = timeline
    .slice(firstUndo)
    .filter((event) => !event.startsWith('outcome.') && !event.includes('.compensation '));
  assertEqual(after, [], about('no action goes on while others are undone'));
}
