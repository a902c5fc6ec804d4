import type { SqlDatabase } from '../prisma/sql-database.ts';
import type { Failpoint } from '../ground/failpoints.ts';
import type { recordEvent } from '../outbox/record-event.ts';
import type { WorkflowId } from './workflow-id.ts';
import type { MakeBarrier } from './barrier/ports.ts';
import type { Http } from './http.ts';

/** What the engine gives to a participant when it makes it. */
export interface ParticipantTools<Env = unknown> {
  /** The participant's own variables, as its schemas read them. */
  readonly env: Env;
  /** Bounded in time; closed by its opener. */
  readonly database: SqlDatabase;
  /** Bounded in time and size; its failures say whether to try again. */
  readonly http: Http;
  /** Makes the two methods of an action that can be undone: what the far end is asked with, and nothing of how it may go wrong. */
  readonly barrier: MakeBarrier;
  /** Whose work it is: the workflow of the call that runs right now. */
  readonly workflowId: WorkflowId;
  /** Records an event in the transaction of the change that it tells of. */
  readonly recordEvent: typeof recordEvent;
  /** Where fault tests let the process die: `<participant>.<moment>`. Otherwise nothing. */
  readonly failpoint: Failpoint;
  /** Names the participant in each line. */
  readonly logger: ParticipantLogger;
  /** A count of the participant's own, on /metrics. */
  readonly counter: Counter;
  /** To be done when the process stops, after the last call: what the participant opened. */
  readonly onClose: (close: () => Promise<void> | void) => void;
  /** To be done from time to time beside the calls, in every process that runs participants. */
  readonly inBackground: (work: BackgroundWork) => void;
}

/** First what it is about, then what happened. No personal data in either. */
export type LogLine = (about: Readonly<Record<string, unknown>>, message: string) => void;

/** Lines as JSON on standard output, by level; which levels are written, LOG_LEVEL says. */
export type ParticipantLogger = Readonly<Record<'debug' | 'info' | 'warn' | 'error', LogLine>>;

/** What is done from time to time, such as a sweep. Any number of processes may do it at once. */
export interface BackgroundWork {
  /** Such as `payment sweeper`: in logs. */
  readonly name: string;
  /** From one end to the next beginning, in ms. */
  readonly everyMs: number;
  /** One round, which ends soon; one that throws is tried again at the next time. */
  readonly run: (stopping: () => boolean) => Promise<void>;
}

/** What a counter is called, and by what its counts differ. */
export interface CounterOptions<Label extends string> {
  /** As Prometheus shows it, such as `shop_refunds_total`. */
  readonly name: string;
  /** What it counts, in one line. */
  readonly help: string;
  /** Names of the labels; few values each, and no ids: every combination is a series of its own. */
  readonly labels: readonly Label[];
}

/** Makes a counter, or hands out the one that has this name; what it returns adds one. */
export type Counter = <Label extends string>(
  options: CounterOptions<Label>,
) => (labels: Readonly<Record<Label, string>>) => void;
