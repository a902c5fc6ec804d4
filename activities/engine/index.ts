/** What a participant's file imports of the engine. */
export type { BarrierTimes, Call, MakeBarrier, Undoable, UndoableMethods } from './barrier/ports.ts';
export type { CallHttp } from './barrier/call-http.ts';
export { FinalFailure } from '../../workflows/contracts/failures.ts';
export { NoUsableAnswer, RequestRefused, type Http, type HttpAnswer, type HttpPost, type HttpRequest } from './http.ts';
export { localParticipant, remoteParticipant } from './participant.ts';
export type { BackgroundWork, ParticipantLogger, ParticipantTools } from './tools.ts';
export { secret } from './declaration.ts';
