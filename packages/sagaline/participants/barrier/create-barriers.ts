/** Makes the barriers of a participant. */
import type { ParticipantType } from '../../contracts/participant.ts';
import type { ParticipantTools } from '../tools.ts';
import { createBarrier } from './barrier.ts';
import type { BarrierTimes, CallRow, MakeBarrier, Undoable } from './ports.ts';
import { createCallStore } from './store.ts';
import { createCallSweep } from './sweep.ts';
import { callSweeper } from './sweeper.ts';

/** Letters and digits, as in a participant's own. */
const NAME = /^[a-z][A-Za-z0-9]{0,63}$/;

const DEFAULT_TIMEOUT_MS = 5_000;
/** Look-up, action and margin have to end within an attempt's 15 seconds. */
const MAX_TIMEOUT_MS = 6_000;
const SWEEP_EVERY_MS = 5_000;

export type BarrierTools = Pick<
  ParticipantTools,
  'database' | 'http' | 'failpoint' | 'logger' | 'counter' | 'inBackground' | 'workflowId'
>;

/** @param participant whose barriers they are */
export function createBarriers({ name: participant, kind }: ParticipantType, tools: BarrierTools): MakeBarrier {
  const taken = new Set<string>();

  return function barrier<Input extends object, Answer extends object>(
    call: string,
    undoable: Undoable<Input, Answer> & BarrierTimes,
  ) {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, sweepEveryMs: everyMs = SWEEP_EVERY_MS } = undoable;
    const { settleMs = timeoutMs, sweepAfterMs } = undoable;
    const name = `${participant}.${call}`;
    if (kind === 'local')
      throw new TypeError(`${name}: a local participant's own statement is its barrier (sagaLetsAct)`);
    if (!NAME.test(call)) throw new TypeError(`${name}: a barrier's name is letters and digits, such as booking`);
    if (taken.has(call)) throw new TypeError(`${name}: two barriers have this name: give each one of its own`);
    if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
      throw new TypeError(`${name}: timeoutMs must be more than 0 and at most ${MAX_TIMEOUT_MS}`);
    }
    taken.add(call);
    const store = createCallStore<Answer>(tools.database, name, tools.workflowId);
    const { http, failpoint } = tools;
    const { act, undo, settleLate } = createBarrier<Input, Answer, CallRow<Answer>, object>(undoable, {
      ...{ store, http, name, failpoint, timeoutMs, settleMs },
    });
    const sweep = createCallSweep(store, settleLate, sweepAfterMs);
    tools.inBackground(callSweeper(sweep, tools, { participant, call, everyMs }));
    return {
      async act({ key, ...rest }: Input & { key: string }) {
        const input: object = rest;
        // What is left without the key is the author's input again.
        return act(key, input as Input);
      },
      async undo({ actionKey }: { actionKey: string }) {
        return { undone: (await undo(actionKey, {})) !== undefined };
      },
    };
  };
}
