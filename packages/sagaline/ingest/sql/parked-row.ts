import type { ParkedFollowUp } from '../arrival.ts';

/** A parked row of the inbox, as the queries of this folder return it. */
export interface ParkedRow {
  readonly eventId: string;
  readonly sagaName: string;
  readonly workflowId: string;
  readonly type: string;
  readonly payload: unknown;
}

export function toParkedFollowUp({ eventId, sagaName, workflowId, type, payload }: ParkedRow): ParkedFollowUp {
  return { sagaName, workflowId, followUp: { type, eventId, data: payload } };
}
