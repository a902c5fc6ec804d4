/** What an application is made of, for `sagaline`: the app, its participants, and the record of events. Runs in Node. */
export { defineApp, InvalidApp, type App, type AppDefinition } from './app/define-app.ts';
export { migrate, type MigratedPart } from './app/migrate.ts';
export { ROLES, type Role } from './app/roles.ts';
export { run } from './app/run.ts';
export { start, type RunningProcess } from './app/start.ts';
export { InvalidConfiguration, readConfig, type Config } from './config/config.ts';
export { secret, type Declaration, type EnvOf, type EnvSchemas } from './config/declaration.ts';
export * as fields from './config/fields.ts';
export { ActionUndone, FinalFailure, KeyReused } from './contracts/failures.ts';
export { workflowIdOf } from './contracts/saga.ts';
export { boundedFetch, type BoundedAnswer, type BoundedRequest } from './ground/bounded-fetch.ts';
export type { Failpoint } from './ground/failpoints.ts';
export { CannotStart } from './ground/lifecycle.ts';
export { isLoopback } from './ground/loopback.ts';
export { msOf, type Duration } from './kernel/duration.ts';
export { appendEventSql } from './outbox/append-event.ts';
export { checkPayload } from './outbox/check-payload.ts';
export { factIdOf, recordEvent, recordEventSql } from './outbox/record-event.ts';
export type { AnyTransaction } from './outbox/transaction.ts';
export { createBarrier, type Barrier, type BarrierFailures } from './participants/barrier/barrier.ts';
export type { CallHttp } from './participants/barrier/call-http.ts';
export type {
  BarrierTimes,
  Call,
  CallRow,
  CallStore,
  MakeBarrier,
  Undoable,
  UndoableMethods,
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
export type { LocalEffects } from './participants/local/effects.ts';
export { sagaLetsAct } from './participants/local/fence.ts';
export { localParticipant, remoteParticipant, type AnyParticipant } from './participants/participant.ts';
export { StillOpen } from './participants/still-open.ts';
export type { BackgroundWork, ParticipantLogger, ParticipantTools } from './participants/tools.ts';
export type { WorkflowId } from './participants/workflow-id.ts';
export { environmentWith } from './process/arguments.ts';
export { groundOf, type Database, type Ground } from './prisma/database.ts';
