/**
 * Whose time a step's time is: a participant's may be used up, that of our own outages may not (docs/adr/0009-whose-time.md).
 * So no timer of Temporal's ends a step, for such a timer also runs while our own database, workers or Temporal are away: the
 * worker adds up what attempts take that a participant fails, and carries the sum from one attempt to the next.
 */

/** The second argument of every activity that is called in a step. */
export interface StepTime {
  /** How long a participant may take, all attempts at this call and the pauses between them together, in ms. */
  readonly withinMs: number;
}

/** What an attempt leaves to the next one, as the details of its heartbeat. */
export interface TimeUsed {
  /** What attempts before used up, in ms. */
  readonly usedMs: number;
  /** The last attempt that ended by itself: one after it is missing when its worker died. */
  readonly ended: number;
  /** What the next ones need not account for: an attempt that dies leaves a claim, which others wait for. */
  readonly graceMs: number;
}

/** Type of a step's failure when a participant used up its time: final. */
export const STEP_TIMED_OUT = 'StepTimedOut';
/** Type of an attempt's failure that is nobody's but ours: tried again for as long as it takes. */
export const OWN_OUTAGE = 'OwnOutage';

/** Pauses between attempts at a remote participant, in ms: what Temporal keeps, and the account of a step's time adds up. */
export const REMOTE_RETRY = { initialInterval: 300, backoffCoefficient: 2, maximumInterval: 30_000 } as const;
