/** Every step of a saga, and everything that can happen to it: cases made of what the saga did when nothing happened. */
import type { EventValue } from '../contracts/event.ts';
import type { JourneyStep } from '../contracts/saga.ts';
import type { SagaWorkflow } from '../kernel/definition.ts';
import type { Behaviour, Behaviours } from './behaviours.ts';
import { startOf } from './events.ts';
import type { createGiven, Given } from './given.ts';
import { checkInvariants } from './invariants.ts';
import { NoWayToCompletion } from './problems.ts';
import type { RunningSaga } from './running-saga.ts';
import type { HistoryEvent } from './stuck.ts';
import type { ServerKind } from './workflow-environment.ts';

/** How the saga goes when nothing fails. */
export interface FaultMatrixOptions {
  /**
   * The payload of the event that starts the saga. Each case gives its business key another ending, so that no two sagas have one
   * id; a function makes a payload for each case by itself.
   */
  readonly started: object | ((id: number) => object);
  /** What else a test says of the saga before it starts, such as results of its participants. */
  readonly given?: (given: Given) => Given;
}

/** One case: `test(name, run)`. */
export interface FaultCase {
  /** As in `payment fails for good`. */
  readonly name: string;
  readonly step: string;
  readonly fault: string;
  /** Runs it. @throws AssertionError */
  readonly run: () => Promise<void>;
}

/** How a saga ends that something happened to. */
type Ending = 'completed' | 'rejected' | 'cancelled' | 'either';

/** A step, as the saga took it when nothing happened. */
interface TakenStep extends Pick<JourneyStep, 'name' | 'kind'> {
  readonly local: boolean;
  /** Nothing turns the saga around any more: the pivot itself, for a cancel, and what comes after it. */
  readonly pastPivot: boolean;
  /** The saga waited for some time before it came there. */
  readonly waitedBefore: boolean;
}

interface Fault {
  readonly name: string;
  readonly of: (it: Behaviours, about: { saga: RunningSaga; step: TakenStep; mended: () => boolean }) => Behaviour;
  /** Undefined where it cannot happen to such a step. */
  readonly ends: (step: TakenStep) => Ending | undefined;
  /** Where the step waits for an operator, who has it tried again. */
  readonly parks?: (step: TakenStep) => boolean;
  /** Minutes or days pass. */
  readonly server?: ServerKind;
}

const isFor =
  (...kinds: readonly JourneyStep['kind'][]) =>
  ({ kind }: TakenStep) =>
    kinds.includes(kind);
/** Of a step that did not succeed: an optional one is up to the saga's code. */
const endsWithout = ({ kind }: TakenStep): Ending =>
  kind === 'retriable' ? 'completed' : kind === 'optional' ? 'either' : 'rejected';

const FAULTS: readonly Fault[] = [
  {
    name: 'fails for good',
    of:
      (it, { mended }) =>
      (attempt) =>
        mended() ? undefined : it.failsForGood('RefusedByTheMatrix')(attempt),
    ends: endsWithout,
    parks: isFor('retriable'),
  },
  {
    name: 'loses its worker',
    of: (it) => it.losesItsWorkerTimes(1),
    ends: ({ local }) => (local ? undefined : 'completed'),
  },
  {
    name: 'is out of its time',
    of:
      (it, { mended }) =>
      (attempt) =>
        mended() ? undefined : it.neverSucceeds()(attempt),
    // A pivot may have happened: an operator has to find out.
    ends: (step) => (step.kind === 'pivot' ? 'completed' : endsWithout(step)),
    parks: isFor('pivot', 'retriable'),
    server: 'time-skipping',
  },
  {
    name: 'is met by a cancel',
    of: (it, { saga, step: { waitedBefore, local, pastPivot } }) => {
      const cancel = () => saga.isCancelledByAnOperator();
      // The time-skipping server, on which there is waiting, takes no other answer of an attempt whose cancel was asked for.
      return waitedBefore && !local && !pastPivot ? it.isCancelled(cancel, 'stops') : it.meanwhile(cancel);
    },
    ends: ({ pastPivot }) => (pastPivot ? 'completed' : 'cancelled'),
  },
];

export function createFaultMatrix(given: ReturnType<typeof createGiven>) {
  return async function faultMatrix(
    saga: SagaWorkflow,
    { started, given: more = (set) => set }: FaultMatrixOptions,
  ): Promise<readonly FaultCase[]> {
    let ids = 0;
    const next = () => {
      ids += 1;
      return isMaker(started) ? started(ids) : withOtherKey(startOf(saga.saga), started, ids);
    };
    const begun = () => more(given(saga));
    const { steps, waits } = await takenSteps(begun().on('time-skipping'), next());
    const leaves = mayLeave(steps);
    return steps.flatMap((step) =>
      FAULTS.flatMap((fault) => {
        const ending = fault.ends(step);
        if (ending === undefined) return [];
        const server =
          fault.server ?? (step.waitedBefore || (waits && ending !== 'cancelled') ? 'time-skipping' : 'real');
        const run = () => runCase(begun().on(server), next(), { step, fault, ending, leaves });
        return [{ name: `${step.name} ${fault.name}`, step: step.name, fault: fault.name, run }];
      }),
    );
  };
}

interface Taken {
  readonly steps: readonly TakenStep[];
  /** Some timer fired. */
  readonly waits: boolean;
}

/** What the saga does when nothing happens, and whether it waits on its way. @throws NoWayToCompletion */
async function takenSteps(set: Given, data: object): Promise<Taken> {
  let taken: Taken = { steps: [], waits: false };
  await set.started(data).then(async (saga) => {
    try {
      taken = takenBy(saga, (await saga.result()).state, await saga.history());
    } catch (error) {
      // A runner that cannot collect its tests does not tell when they are over.
      await saga.leave();
      throw error;
    }
    if (mayLeave(taken.steps)) await saga.leave();
  });
  return taken;
}

function takenBy(saga: RunningSaga, state: string, history: readonly HistoryEvent[]): Taken {
  if (state !== 'completed') {
    const outcome = JSON.stringify(saga.row.outbox[0] ?? {});
    throw new NoWayToCompletion(
      `${saga.workflowId} is ${state} though every participant does its work, so that there is no matrix of its faults: ` +
        `${outcome}. Start it with data by which it completes, and say what participants answer (results, given)`,
    );
  }
  const journey = saga.row.journey?.steps ?? [];
  const timers = history.filter((event) => event.timerFiredEventAttributes).map(timeOf);
  const pivot = journey.findIndex(({ kind }) => kind === 'pivot');
  const steps = journey.map(({ name, kind, startedAt }, index) => ({
    ...{ name, kind },
    local: saga.farEnd.calls.some((call) => call.step === name && call.local),
    pastPivot: pivot >= 0 && index >= pivot,
    waitedBefore: timers.some((firedAt) => firedAt <= Date.parse(startedAt)),
  }));
  return { steps, waits: timers.length > 0 };
}

/** The SDK's core panics, aloud and to no effect, when a worker goes before the process and keeps the time of local activities. */
const mayLeave = (steps: readonly TakenStep[]): boolean => !steps.some(({ local }) => local);

const timeOf = ({ eventTime }: HistoryEvent): number =>
  Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1_000_000;

interface Case {
  readonly step: TakenStep;
  readonly fault: Fault;
  readonly ending: Ending;
  /** Whether its server is stopped at once, not with all others. */
  readonly leaves: boolean;
}

async function runCase(set: Given, data: object, { step, fault, ending, leaves }: Case): Promise<void> {
  let mended = false;
  const test = set.where(step.name, (it, saga) => fault.of(it, { saga, step, mended: () => mended })).started(data);
  await test.then(async (saga) => {
    if (fault.parks?.(step)) {
      const parked = saga.farEnd.until(
        () => saga.row.parked.includes(step.name),
        `${step.name} to wait for an operator`,
      );
      await Promise.race([parked, saga.result()]);
      mended = true;
      await saga.operator().retries(step.name);
    }
    const { state } = await saga.result();
    checkInvariants(
      saga,
      `${step.name} ${fault.name}`,
      state,
      ending === 'either' ? ['completed', 'rejected'] : [ending],
    );
    if (leaves) await saga.leave();
  });
}

const isMaker = (started: FaultMatrixOptions['started']): started is (id: number) => object =>
  typeof started === 'function';

function withOtherKey({ key }: EventValue, data: object, id: number): object {
  const value = (data as Readonly<Record<string, unknown>>)[key];
  return { ...data, [key]: typeof value === 'number' ? value + id : `${String(value)}-${id}` };
}
