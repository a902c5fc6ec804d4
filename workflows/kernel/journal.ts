import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import {
  SEARCH_ATTRIBUTES,
  type AbortCause,
  type Journey,
  type JourneyStep,
  type SagaState,
  type StepKind,
} from '../contracts/saga.ts';
import { DuplicateStep } from './errors.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Entry = Mutable<JourneyStep>;
type Compensation = Mutable<NonNullable<JourneyStep['compensation']>>;

/** What happened to a saga so far, told to the Temporal UI, the `journey` query and, at the end, the saga row. */
export type Journal = ReturnType<typeof createJournal>;

const now = () => new Date().toISOString();

export function createJournal() {
  let state: SagaState = 'running';
  let shown: Journey['state'] = state;
  let cause: AbortCause | undefined;
  const steps: Entry[] = [];
  const parked: string[] = [];

  function find(name: string): Entry {
    const entry = steps.find((step) => step.name === name);
    if (!entry) throw new Error(`no step ${name} in the journal`);
    return entry;
  }

  function show(): void {
    const standing = parked.length > 0 ? 'parked' : state;
    if (standing !== shown) upsertSearchAttributes({ [SEARCH_ATTRIBUTES.state]: [standing] });
    shown = standing;
    const lines = steps.map(
      (step) =>
        `| ${step.name} | ${step.kind} | ${step.state} | ${step.compensation?.state ?? ''} | ${step.failure ?? step.compensation?.failure ?? ''} |`,
    );
    const table = ['| step | kind | action | compensation | failure |', '|---|---|---|---|---|', ...lines].join('\n');
    setCurrentDetails(`**${shown}**${cause ? ` (${cause.kind}: ${cause.reason})` : ''}\n\n${table}`);
  }

  return {
    opened(name: string, kind: StepKind): void {
      if (steps.some((step) => step.name === name)) throw new DuplicateStep(name);
      steps.push({ name, kind, state: 'open', startedAt: now() });
      upsertSearchAttributes({ [SEARCH_ATTRIBUTES.step]: [name] });
      show();
    },

    settled(name: string, settlement: Pick<JourneyStep, 'state' | 'failure' | 'note'>): void {
      Object.assign(find(name), settlement, settlement.state === 'parked' ? {} : { endedAt: now() });
      show();
    },

    compensation(name: string, change: Partial<Compensation> & Pick<Compensation, 'state'>): void {
      const entry = find(name);
      const ended = change.state === 'done' || change.state === 'skipped';
      entry.compensation = { startedAt: now(), ...entry.compensation, ...change, ...(ended ? { endedAt: now() } : {}) };
      show();
    },

    is(next: SagaState, why?: AbortCause): void {
      cause = why ?? cause;
      state = next;
      show();
    },

    parked(name: string): void {
      parked.push(name);
      show();
      // The alert: operators watch for this line, for the search attribute and for the gauge of parked sagas.
      log.error('saga parked: a step needs an operator', { step: name });
    },

    unparked(name: string): void {
      parked.splice(parked.indexOf(name), 1);
      show();
    },

    /** A copy, so that what was handed out does not change any more. */
    journey(): Journey {
      return {
        state: shown,
        ...(cause ? { cause } : {}),
        steps: steps.map((step) => ({
          ...step,
          ...(step.compensation ? { compensation: { ...step.compensation } } : {}),
        })),
        parked: [...parked],
      };
    },
  };
}
