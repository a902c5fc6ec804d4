import type { InvalidReason } from '../events/invalid-record.ts';

/**
 * What became of an event for one saga. Every accepted event has one per saga that it reaches; one that conflicts with
 * an earlier one is a dead letter after all.
 */
export type Outcome = 'started' | 'signalled' | 'duplicate' | 'parked' | 'ignored' | 'tooLate';

/** Told of everything that ingest does; metrics implement it. Its methods must not throw. */
export interface IngestObserver {
  /** A record was read and is valid. */
  accepted(type: string): void;
  outcome(outcome: Outcome, type: string, sagaName: string): void;
  deadLettered(topic: string, reason: InvalidReason): void;
  /** Records whose offsets were resolved, and how long that took in ms. */
  batch(topic: string, records: number, durationMs: number): void;
  /** Something outside did not work and is tried again. */
  retried(operation: string): void;
  /** Inbox rows that have been `received` for too long, and are still; the age of the oldest in ms, 0 without one. */
  overdue(rows: number, oldestAgeMs: number): void;
}
