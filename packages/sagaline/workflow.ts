/**
 * All that a saga file imports, for `sagaline/workflow`. Everything here may enter Temporal's sandbox, where something stands in
 * for zod: schemas are declared in a saga file, and parsed outside.
 */
export { defineEvents, event, type EventValue, type PayloadOf } from './contracts/event.ts';
export {
  Amount,
  CancelRefused,
  Contact,
  Currency,
  Id,
  Reason,
  RolledBack,
  Subject,
  Timestamp,
  TraceId,
} from './contracts/primitives.ts';
export { isStorable, storableText } from './contracts/text.ts';
export { defineSaga, followUp } from './kernel/define-saga.ts';
export type { SagaScope, SagaWorkflow } from './kernel/definition.ts';
export { local, remote } from './kernel/participants.ts';
