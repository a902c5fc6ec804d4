/** Whether a test speaks of steps that its saga has. Steps are code: which there are is known when they have been opened. */
import { UnknownStep } from './problems.ts';
import type { RunningSaga } from './running-saga.ts';
import { OUTCOMES } from './scripted-participants.ts';

const UNDO = '.compensation';

/** Whether the code says this name, as a text. */
export function mentions(code: string, name: string): boolean {
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some((text) => code.includes(text));
}

/**
 * For a saga that has come as far as its test wants it: a misspelt step would otherwise only make it end in another way.
 *
 * @throws UnknownStep for a step that was not opened, and whose name is not in the code
 */
export async function refuseUnknownSteps(saga: RunningSaga): Promise<void> {
  const asked = new Set(saga.farEnd.calls.flatMap(({ step, activity }) => [step, activity]));
  const suspects = [...saga.farEnd.script.keys()].filter(
    (who) => !asked.has(who) && !isOutcome(who) && !isInCode(who, saga.code),
  );
  if (suspects.length === 0) return;
  const steps = (saga.row.journey ?? (await saga.journey())).steps.map(({ name }) => name);
  // Where names are made up as the saga goes, nobody knows those of steps that were not opened.
  if (steps.some((name) => !mentions(saga.code, name))) return;
  throw new UnknownStep(
    [
      `${saga.workflowId} has no ${suspects.join(', ')}, of which .where(…) speaks. It opened: ${steps.join(', ') || 'no step'}.`,
      `The undo of a step is <step>${UNDO}; an activity is <participant>.<method>; claims are ${CLAIMS.join(', ')}.`,
    ].join(' '),
  );
}

const CLAIMS = OUTCOMES.map((method) => `outcome.${method}`);
const isOutcome = (who: string): boolean => CLAIMS.includes(who.replace(/\.before$/, ''));

function isInCode(who: string, code: string): boolean {
  if (who.endsWith(UNDO)) return mentions(code, who.slice(0, -UNDO.length));
  const [participant = '', method] = who.split('.');
  if (method === undefined) return mentions(code, who);
  return mentions(code, participant) && code.includes(`.${method}(`);
}
