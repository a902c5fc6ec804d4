/**
 * All that a saga file imports, for `sagaline/workflow`. Everything here may enter Temporal's sandbox, where something stands in
 * for zod: schemas are declared in a saga file, and parsed outside.
 *
 * Begin with {@link defineEvents} and {@link defineSaga}; {@link remote} and {@link local} call participants, of which a saga knows
 * the type alone.
 *
 * @module sagaline/workflow
 */
export {
  defineEvents,
  event,
  InvalidEventDefinition,
  type EventShape,
  type EventValue,
  type EventWith,
  type PayloadOf,
} from './contracts/event.ts';
export type { OutcomeEvent } from './contracts/participants.ts';
export {
  Amount,
  CancelRefused,
  Contact,
  Currency,
  Id,
  Reason,
  RolledBack,
  SkippedStep,
  Subject,
  Timestamp,
  TraceId,
} from './contracts/primitives.ts';
export type { FollowUp, KafkaPosition, RejectDetails, SagaInput } from './contracts/saga.ts';
export { isStorable, storableText } from './contracts/text.ts';
export {
  defineSaga,
  followUp,
  type CancelRefusedEvent,
  type DeclaredFollowUp,
  type FollowUpOptions,
  type Identity,
  type RolledBackEvent,
  type SagaDefinition,
} from './kernel/define-saga.ts';
export type {
  FollowUpRule,
  IfNoSaga,
  NextOptions,
  SagaRegistration,
  SagaResult,
  SagaScope,
  SagaWorkflow,
} from './kernel/definition.ts';
export { local, remote } from './kernel/participants.ts';
export type { CompensatableOptions, OptionalOptions, StepOptions, UndoContext } from './kernel/steps.ts';
