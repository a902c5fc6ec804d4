import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import {
  SEARCH_ATTRIBUTES,
  type AbortCause,
  type Journey,
  type JourneyStep,
  type SagaState,
  type StepKind,
  type Wait,
} from '../contracts/saga.ts';
import { DuplicateStep } from './errors.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Compensation = Mutable<NonNullable<JourneyStep['compensation']>>;
type Entry = Mutable<Omit<JourneyStep, 'compensation'>> & { compensation?: Compensation };

/** What happened to a saga so far, told to the Temporal UI, the `journey` query and, at the end, the saga row. */
export type Journal = ReturnType<typeof createJournal>;

const now = () => new Date().toISOString();

export function createJournal() {
  let state: SagaState = 'running';
  let shown: Journey['state'] = state;
  let cause: AbortCause | undefined;
  const steps: Entry[] = [];
  const parked: string[] = [];
  const waits = new Set<Wait>();

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
    const waiting = [...waits].map(
      ({ name, event, until }) => `\n\nwaits for ${name ? `${name}: ` : ''}${event}, until ${until}`,
    );
    setCurrentDetails(`**${shown}**${cause ? ` (${cause.kind}: ${cause.reason})` : ''}${waiting.join('')}\n\n${table}`);
  }

  return {
    opened(name: string, kind: StepKind): void {
      if (steps.some((step) => step.name === name)) throw new DuplicateStep(name);
      steps.push({ name, kind, state: 'open', startedAt: now() });
      upsertSearchAttributes({ [SEARCH_ATTRIBUTES.step]: [name] });
      show();
    },

    settled(name: string, settlement: Pick<JourneyStep, 'state' | 'failure' | 'note'>): void {
      const entry = find(name);
      // What it failed by before it was tried again is no part of how it ended.
      if (settlement.state === 'done' && settlement.note === undefined) delete entry.failure;
      Object.assign(entry, settlement, settlement.state === 'parked' ? {} : { endedAt: now() });
      show();
    },

    /** What a step, or its undo, failed by last, while it is tried again; `payment.compensation` is the undo of `payment`. */
    tryingAgain(name: string, failure: string): void {
      const entry = find(name.replace(/\.compensation$/, ''));
      if (!name.endsWith('.compensation')) entry.failure = failure;
      else if (entry.compensation) entry.compensation.failure = failure;
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

    /** Waits for an event from now on, until the returned function is called. */
    waits(wait: Wait): () => void {
      waits.add(wait);
      show();
      return () => {
        waits.delete(wait);
        show();
      };
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
        ...(waits.size > 0 ? { waits: [...waits] } : {}),
      };
    },
  };
}
