import type { FollowUp } from '../contracts/saga.ts';
import type { AcceptedEvent } from '../events/parse-record.ts';
import type { ConsumedRecord } from '../kafka/port.ts';
import type { Target } from '../dispatch/dispatch.ts';
import type { InboxState } from './sql/inbox-state.ts';

/** An accepted event on its way to one saga. */
export interface Arrival {
  readonly record: ConsumedRecord;
  readonly event: AcceptedEvent;
  readonly target: Target;
}

/** A row of the inbox reaches a new state. */
export interface Transition {
  readonly eventId: string;
  readonly sagaName: string;
  readonly workflowId: string;
  readonly state: InboxState;
  /** Set when the saga wants events of this type once, and has now had one. */
  readonly deliveredType?: string | undefined;
}

/** A follow-up that waits in the inbox for its saga. */
export interface ParkedFollowUp {
  readonly sagaName: string;
  readonly workflowId: string;
  readonly followUp: FollowUp;
}
