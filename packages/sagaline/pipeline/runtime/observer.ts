/** Told of everything that projections do; metrics implement it. Its methods must not throw. */
export interface PipelineObserver {
  /** Records whose rows and offset were committed, and how long that took in ms. */
  applied(projection: string, records: number, durationMs: number): void;
  /** Ms between the newest applied record's own time and now. */
  behind(projection: string, ms: number): void;
  /** Records that could not be applied, or not even be read, and without which the view goes on. */
  setAside(projection: string, records: number): void;
  /** A transaction did not work, or a consumer had to be built anew. */
  failed(projection: string): void;
}
