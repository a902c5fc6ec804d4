/**
 * What an application is made of, for `sagaline`: the app file, its participants, and the record of events. Runs in Node.
 *
 * Begin with {@link defineApp} and {@link run}; a participant is a {@link remoteParticipant}, or a {@link localParticipant} where it
 * touches the application's own tables only. A service records what happened by {@link recordEvent}.
 *
 * @module sagaline
 */
export { defineApp, InvalidApp, type App, type AppDefinition } from './app/define-app.ts';
export { migrate, type MigratedPart } from './app/migrate.ts';
export { ROLES, type Role } from './app/roles.ts';
export { run } from './app/run.ts';
export { start, type RunningProcess } from './app/start.ts';
export { InvalidConfiguration } from './config/config.ts';
export { secret, type Declaration, type EnvOf, type EnvSchemas, type NoEnv } from './config/declaration.ts';
export type { DeclaredValues } from './config/declared.ts';
export * as fields from './config/fields.ts';
export { ActionUndone, FinalFailure, KeyReused } from './contracts/failures.ts';
export type { MethodsOf, ParticipantKind, ParticipantType } from './contracts/participant.ts';
export { workflowIdOf } from './contracts/saga.ts';
export { AnswerTooLarge, boundedFetch, type BoundedAnswer, type BoundedRequest } from './ground/bounded-fetch.ts';
export type { Failpoint, FailpointName } from './ground/failpoints.ts';
export { CannotStart } from './ground/lifecycle.ts';
export { isLoopback } from './ground/loopback.ts';
export { msOf, type Duration } from './kernel/duration.ts';
export { appendEventSql, type OutboxEntry } from './outbox/append-event.ts';
export { checkPayload, type CheckedPayload, type PayloadProblem } from './outbox/check-payload.ts';
export { EventIdReused, InvalidEvent } from './outbox/failures.ts';
export { factIdOf, recordEvent, recordEventSql, type RecordedFact, type RecordOptions } from './outbox/record-event.ts';
export { eventsOf, type PastEvent } from './outbox/past-events.ts';
export type { AnyTransaction, PgTransaction, PrismaTransaction } from './outbox/transaction.ts';
export {
  CallStillOpen,
  createBarrier,
  type Barrier,
  type BarrierDeps,
  type BarrierFailures,
} from './participants/barrier/barrier.ts';
export type { CallHttp, CallRequest } from './participants/barrier/call-http.ts';
export type {
  Attempt,
  BarrierTimes,
  Call,
  CallRow,
  CallStore,
  MakeBarrier,
  Undoable,
  UndoableMethods,
  Unsettled,
} from './participants/barrier/ports.ts';
export { createCallSweep, type CallSweep, type SweptCall } from './participants/barrier/sweep.ts';
export {
  NoUsableAnswer,
  RequestRefused,
  type Http,
  type HttpAnswer,
  type HttpPost,
  type HttpRequest,
} from './participants/http.ts';
export type { LocalEffects, Standing } from './participants/local/effects.ts';
export { refuseUnlessSagaLetsAct, sagaLetsAct } from './participants/local/fence.ts';
export {
  localParticipant,
  remoteParticipant,
  type AnyParticipant,
  type LocalParticipantOptions,
  type Method,
  type Methods,
  type Participant,
  type ParticipantOptions,
} from './participants/participant.ts';
export { StillOpen } from './participants/still-open.ts';
export type {
  BackgroundWork,
  Counter,
  CounterOptions,
  LogLine,
  ParticipantLogger,
  ParticipantTools,
} from './participants/tools.ts';
export type { WorkflowId } from './participants/workflow-id.ts';
export { groundOf, type Ground } from './prisma/database.ts';
export type { SqlDatabase as Database, SqlTransaction as DatabaseTransaction } from './prisma/sql-database.ts';
export { probesOf } from './process/probes.ts';
export type { SetUpPart } from './process/set-up.ts';
