import type { EventValue, EventWith, PayloadOf } from '../contracts/event.ts';
import type { CancelRefused, RolledBack } from '../contracts/primitives.ts';
import type { FollowUpRule, IfNoSaga, RunnableSaga, SagaRegistration, SagaScope, SagaWorkflow } from './definition.ts';
import type { Duration } from './duration.ts';
import { runSaga } from './run-saga.ts';

type FieldsOf<Schema extends { _output: object }> = Schema['_output'];

/** An outcome of a saga that was rolled back: its payload has the fields of `RolledBack`, which the kernel fills in. */
export type RolledBackEvent = EventWith<FieldsOf<typeof RolledBack>>;
/** The answer to a cancel that came too late: its payload has the fields of `CancelRefused`. */
export type CancelRefusedEvent = EventWith<FieldsOf<typeof CancelRefused>>;

/** The fields of an outcome that only the author can fill in: whom or what it is about. */
export type Identity<E extends EventValue> = Omit<
  PayloadOf<E>,
  keyof FieldsOf<typeof RolledBack> | keyof FieldsOf<typeof CancelRefused>
>;

/** Which saga an event reaches, and what becomes of it where there is none. */
export interface FollowUpOptions<E extends EventValue> {
  /** The saga that it belongs to. */
  readonly sagaId: (payload: PayloadOf<E>) => string;
  /** `park`: kept until its saga starts; `ignore`: nobody waits for it. */
  readonly ifNoSaga: IfNoSaga;
  /** `every` unless told; with `once`, a saga that was told is not told again. */
  readonly deliver?: 'once' | 'every';
}

/** An event that reaches a saga while it runs, as {@link followUp} declares it. */
export interface DeclaredFollowUp<E extends EventValue> {
  readonly event: E;
  /** What the engine goes by. */
  readonly rule: FollowUpRule;
}

/**
 * Declares an event that reaches a saga while it runs; `saga.next` waits for it.
 *
 * @example
 * import { followUp } from 'sagaline/workflow';
 * import { events } from './events.ts';
 *
 * export const followUps = [followUp(events['gift-card.sent'], { sagaId: ({ cardId }) => cardId, ifNoSaga: 'park' })];
 */
export function followUp<E extends EventValue>(
  event: E,
  { sagaId, ifNoSaga, deliver = 'every' }: FollowUpOptions<E>,
): DeclaredFollowUp<E> {
  return { event, rule: { type: event.type, sagaId, ifNoSaga, deliver, cancels: false } };
}

/** A saga as its author writes it: plain code in the middle, declared edges outside. */
export interface SagaDefinition<
  On extends EventValue,
  Completed extends EventValue,
  Back extends RolledBackEvent,
  Cancelled extends RolledBackEvent,
  Cancel extends EventValue,
  Refused extends CancelRefusedEvent,
  Heard extends EventValue,
  Settings extends Readonly<Record<string, Duration>>,
> {
  /** Workflow type; equals the export's name. */
  readonly name: string;
  /** The event that starts it. */
  readonly on: On;
  /** Read from the starting event, and from the event that cancels: unique within the saga's name. */
  readonly sagaId: (event: PayloadOf<On> | PayloadOf<Cancel>) => string;
  /** The event that asks it to cancel; parked when it comes first. */
  readonly cancelOn?: Cancel;
  /** Other events that reach it while it runs; see `saga.next`. */
  readonly followUps?: readonly DeclaredFollowUp<Heard>[];
  /** From start to pivot or completion. */
  readonly deadline?: Duration;
  /** How long a compensation or retriable step is retried before it parks; 10 minutes unless told. */
  readonly patience?: Duration;
  /** Durations that operations may change for new sagas without a deploy; read as `saga.settings`. */
  readonly settings?: Settings;
  /** The events that end it. */
  readonly outcomes: {
    readonly completed: Completed;
    readonly rolledBack: Back;
    readonly cancelled?: Cancelled;
    readonly cancelRefused?: Refused;
  };
  /** Whom or what the outcomes are about; the kernel adds reason, step, compensated and skipped. */
  readonly subject: (event: PayloadOf<On>) => Identity<Back | Cancelled | Refused>;
  /** The saga. Its return value is the payload of the completed outcome. */
  readonly run: (event: PayloadOf<On>, saga: SagaScope<Settings, Heard>) => Promise<PayloadOf<Completed>>;
}

/**
 * Makes a Temporal workflow of a saga definition; export it under its own name from a file `<name>.saga.ts` in the app's folder of
 * sagas, and it is dispatched.
 *
 * @example
 * // sagas/gift-card.saga.ts
 * import { defineSaga, remote } from 'sagaline/workflow';
 * import { events } from '../events.ts';
 * import type { stock } from '../participants/stock.ts';
 *
 * const stocks = remote<typeof stock>('stock');
 *
 * export const giftCardSaga = defineSaga({
 *   name: 'giftCardSaga',
 *   on: events['gift-card.ordered'],
 *   sagaId: ({ cardId }) => cardId,
 *   subject: ({ cardId }) => ({ cardId }),
 *   outcomes: { completed: events['gift-card.sent'], rolledBack: events['gift-card.rejected'] },
 *
 *   async run({ cardId, sku }, saga) {
 *     await saga.compensatable('stock', {
 *       action: (key) => stocks.reserve({ sku, key }),
 *       compensation: ({ actionKey, key }) => stocks.release({ actionKey, key }),
 *     });
 *     return { cardId };
 *   },
 * });
 */
export function defineSaga<
  On extends EventValue,
  Completed extends EventValue,
  Back extends RolledBackEvent,
  Cancelled extends RolledBackEvent = never,
  Cancel extends EventValue = never,
  Refused extends CancelRefusedEvent = never,
  Heard extends EventValue = never,
  Settings extends Readonly<Record<string, Duration>> = Readonly<Record<string, Duration>>,
>(definition: SagaDefinition<On, Completed, Back, Cancelled, Cancel, Refused, Heard, Settings>): SagaWorkflow {
  const { completed, rolledBack, cancelled } = definition.outcomes;
  const registration = registrationOf(definition);
  const runnable: RunnableSaga = {
    registration,
    outcomes: { completed: completed.type, rolledBack: rolledBack.type, cancelled: cancelled?.type },
    // Ingest validated the payload against the very schema that types the author's code.
    subject: (data) => definition.subject(data as PayloadOf<On>),
    run: (data, scope) => definition.run(data as PayloadOf<On>, scope as unknown as SagaScope<Settings, Heard>),
  };
  const workflow: SagaWorkflow = Object.assign((input: Parameters<SagaWorkflow>[0]) => runSaga(runnable, input), {
    saga: registration,
  });
  // The client starts a workflow by its function's name, the worker knows it by its export's: they must be equal.
  Object.defineProperty(workflow, 'name', { value: definition.name });
  return workflow;
}

function registrationOf<
  On extends EventValue,
  C extends EventValue,
  B extends RolledBackEvent,
  D extends RolledBackEvent,
  X extends EventValue,
  R extends CancelRefusedEvent,
  H extends EventValue,
  S extends Readonly<Record<string, Duration>>,
>(definition: SagaDefinition<On, C, B, D, X, R, H, S>): SagaRegistration {
  const { name, on, sagaId, cancelOn, followUps = [], deadline, patience, settings, outcomes } = definition;
  const { cancelRefused } = outcomes;
  const cancels: FollowUpRule[] = cancelOn
    ? [{ type: cancelOn.type, sagaId, ifNoSaga: 'park', deliver: 'every', cancels: true }]
    : [];
  const emitted: EventValue[] = Object.values(outcomes);
  return {
    name,
    on: on.type,
    sagaId,
    followUps: [...cancels, ...followUps.map(({ rule }) => rule)],
    emits: emitted.map(({ type }) => type),
    events: [on, ...(cancelOn ? [cancelOn] : []), ...followUps.map(({ event }) => event), ...emitted],
    settings: {
      ...settings,
      ...(deadline === undefined ? {} : { deadline }),
      ...(patience === undefined ? {} : { patience }),
    },
    cancelRefused: (startPayload, refused) =>
      cancelRefused && {
        type: cancelRefused.type,
        payload: { ...definition.subject(startPayload as PayloadOf<On>), ...refused },
      },
  };
}
