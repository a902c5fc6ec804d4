import type { EventType, Payload } from '../contracts/events.ts';
import type { CancelRefused, RolledBack } from '../contracts/primitives.ts';
import type { FollowUpRule, IfNoSaga, RunnableSaga, SagaRegistration, SagaScope, SagaWorkflow } from './definition.ts';
import type { Duration } from './duration.ts';
import { runSaga } from './run-saga.ts';

type FieldsOf<Schema extends { _output: object }> = Schema['_output'];

/** Event types whose payload begins with the fields that the kernel fills in. */
type TypeWith<Fields extends object> = { [T in EventType]: Payload<T> extends Fields ? T : never }[EventType];
export type RolledBackType = TypeWith<FieldsOf<typeof RolledBack>>;
export type CancelRefusedType = TypeWith<FieldsOf<typeof CancelRefused>>;

/** The fields of an outcome that only the author can fill in: whom or what it is about. */
type Identity<T extends EventType> = Omit<
  Payload<T>,
  keyof FieldsOf<typeof RolledBack> | keyof FieldsOf<typeof CancelRefused>
>;

interface FollowUpOptions<T extends EventType> {
  readonly sagaId: (payload: Payload<T>) => string;
  /** `park`: kept until its saga starts; `ignore`: nobody waits for it. */
  readonly ifNoSaga: IfNoSaga;
  /** `every` unless told; with `once`, a saga that was told is not told again. */
  readonly deliver?: 'once' | 'every';
}

/** A saga as its author writes it: plain code in the middle, declared edges outside. */
export interface SagaDefinition<
  On extends EventType,
  Completed extends EventType,
  Back extends RolledBackType,
  Cancel extends EventType,
  Refused extends CancelRefusedType,
  Settings extends Readonly<Record<string, Duration>>,
> {
  /** Workflow type; equals the export's name in workflows/index.ts. */
  readonly name: string;
  /** The event that starts it. */
  readonly on: On;
  /** Read from the starting event, and from the event that cancels: unique within the saga's name. */
  readonly sagaId: (event: Payload<On> | Payload<Cancel>) => string;
  /** The event that asks it to cancel; parked when it comes first. */
  readonly cancelOn?: Cancel;
  /** Other events that reach it while it runs; see `saga.next`. */
  readonly followUps?: { readonly [T in EventType]?: FollowUpOptions<T> };
  /** From start to pivot or completion. */
  readonly deadline?: Duration;
  /** How long a compensation or retriable step is retried before it parks; 10 minutes unless told. */
  readonly patience?: Duration;
  /** Durations that operations may change for new sagas without a deploy; read as `saga.settings`. */
  readonly settings?: Settings;
  readonly outcomes: {
    readonly completed: Completed;
    readonly rolledBack: Back;
    readonly cancelled?: Back;
    readonly cancelRefused?: Refused;
  };
  /** Whom or what the outcomes are about; the kernel adds reason, step, compensated and skipped. */
  readonly subject: (event: Payload<On>) => Identity<Back | Refused>;
  /** The saga. Its return value is the payload of the completed outcome. */
  readonly run: (event: Payload<On>, saga: SagaScope<Settings>) => Promise<Payload<Completed>>;
}

/**
 * Makes a Temporal workflow of a saga definition; export it from workflows/index.ts under its own name, and it is dispatched.
 *
 * @example see ../order.saga.ts
 */
export function defineSaga<
  On extends EventType,
  Completed extends EventType,
  Back extends RolledBackType,
  Cancel extends EventType = never,
  Refused extends CancelRefusedType = never,
  Settings extends Readonly<Record<string, Duration>> = Readonly<Record<string, Duration>>,
>(definition: SagaDefinition<On, Completed, Back, Cancel, Refused, Settings>): SagaWorkflow {
  const registration = registrationOf(definition);
  const runnable: RunnableSaga = {
    registration,
    outcomes: definition.outcomes,
    // Ingest validated the payload against the very schema that types the author's code.
    subject: (data) => definition.subject(data as Payload<On>),
    run: (data, scope) => definition.run(data as Payload<On>, scope as unknown as SagaScope<Settings>),
  };
  const workflow: SagaWorkflow = Object.assign((input: Parameters<SagaWorkflow>[0]) => runSaga(runnable, input), {
    saga: registration,
  });
  // The client starts a workflow by its function's name, the worker knows it by its export's: they must be equal.
  Object.defineProperty(workflow, 'name', { value: definition.name });
  return workflow;
}

function registrationOf<
  On extends EventType,
  C extends EventType,
  B extends RolledBackType,
  X extends EventType,
  R extends CancelRefusedType,
  S extends Readonly<Record<string, Duration>>,
>(definition: SagaDefinition<On, C, B, X, R, S>): SagaRegistration {
  const { name, on, sagaId, cancelOn, deadline, patience, settings, outcomes } = definition;
  const cancels: FollowUpRule[] = cancelOn
    ? [{ type: cancelOn, sagaId, ifNoSaga: 'park', deliver: 'every', cancels: true }]
    : [];
  const others = Object.entries(definition.followUps ?? {}).map(([type, rule]): FollowUpRule => ({
    type: type as EventType,
    sagaId: rule.sagaId,
    ifNoSaga: rule.ifNoSaga,
    deliver: rule.deliver ?? 'every',
    cancels: false,
  }));
  return {
    name,
    on,
    sagaId,
    followUps: [...cancels, ...others],
    emits: Object.values(outcomes),
    settings: {
      ...settings,
      ...(deadline === undefined ? {} : { deadline }),
      ...(patience === undefined ? {} : { patience }),
    },
    cancelRefused: (startPayload, refused) =>
      outcomes.cancelRefused && {
        type: outcomes.cancelRefused,
        payload: { ...definition.subject(startPayload as Payload<On>), ...refused },
      },
  };
}
