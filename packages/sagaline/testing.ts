/**
 * `sagaline/testing`: tests of an application's sagas, on Temporal's own servers, with participants that do what a test says.
 *
 * @packageDocumentation
 */
export type { OutcomeActivities, SagaRef, Winner } from './contracts/participants.ts';
export type {
  AbortCause,
  CompensationState,
  Journey,
  JourneyStep,
  Resolution,
  Resolved,
  SagaState,
  StepKind,
  StepState,
  Wait,
} from './contracts/saga.ts';
export type { StartResult } from './temporal/start-saga.ts';
export { behaviours, type Attempt, type Behaviour, type Behaviours } from './testing/behaviours.ts';
export type { SagaBundle } from './testing/bundle-cache.ts';
export type { Call, FarEnd, Script } from './testing/far-end.ts';
export type { FaultCase, FaultMatrixOptions } from './testing/fault-matrix.ts';
export type { Given } from './testing/given.ts';
export {
  InvalidEvent,
  NoWayToCompletion,
  PackageMissing,
  SagaIdTaken,
  SagaStuck,
  UnknownSaga,
  UnknownStep,
} from './testing/problems.ts';
export {
  HistoriesDoNotFit,
  HistoryExists,
  InvalidName,
  NothingToReplay,
  PersonalData,
} from './testing/replay/problems.ts';
export { recordHistory, type RecordOptions } from './testing/replay/record.ts';
export { replay, type ReplayOptions, type ReplayReport } from './testing/replay/replay-histories.ts';
export type { RunningSaga } from './testing/running-saga.ts';
export type { HistoryEvent } from './testing/stuck.ts';
export type { SagaExpectations } from './testing/saga-expectations.ts';
export type { SagaRow } from './testing/saga-row.ts';
export { sagaTests, type SagaTests, type SagaTestsOptions } from './testing/saga-tests.ts';
export type { Results } from './testing/scripted-participants.ts';
export type { ServerKind } from './testing/workflow-environment.ts';
export { checkUndoable, NotUndoable, type CheckUndoableOptions, type Created } from './testing/check-undoable.ts';
export { startPracticeFarEnd, type PracticeFarEnd, type PracticeFarEndOptions } from './bin/dev/far-end.ts';
