export interface LogsSettings {
  /** How long lines are kept, ms of event time. */
  readonly retentionMs: number;
  readonly burst: BurstSettings;
}

export interface BurstSettings {
  /** Lines of level error or fatal that are too many... */
  readonly threshold: number;
  /** ...within this time, ms. */
  readonly windowMs: number;
}
