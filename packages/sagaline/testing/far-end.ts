/** The far end of one saga under test: what its participants were told to do, what they were asked, and the saga row. */
import type { Behaviour } from './behaviours.ts';
import { SagaRow } from './saga-row.ts';

/** One attempt at a participant's activity, as the participant sees it. */
export interface Call {
  /** `payment.charge` */
  readonly activity: string;
  /** `payment`, or `payment.compensation` */
  readonly step: string;
  readonly activityId: string;
  readonly attempt: number;
  readonly local: boolean;
  readonly input: { readonly key?: string; readonly actionKey?: string; readonly result?: unknown };
}

/** What a test says of one saga's participants, by step name (`payment.compensation`) or activity (`outcome.complete`). */
export type Script = ReadonlyMap<string, Behaviour>;

/** The participants of one saga under test: what they were asked for, and what they were told to do. */
export class FarEnd {
  script: Script = new Map();
  readonly calls: Call[] = [];
  readonly outcomeCalls: string[] = [];
  /** All of it in one order: `payment begins`, `payment ends`, `outcome.complete`. */
  readonly timeline: string[] = [];
  readonly row = new SagaRow();
  /** Told which steps are parked, before the saga goes on. */
  whenParked: (parked: readonly string[]) => Promise<void> = () => Promise.resolve();
  private readonly watchers = new Set<() => void>();

  /** Has those look who wait in {@link until}. */
  changed(): void {
    for (const watcher of this.watchers) watcher();
  }

  /** Resolves as soon as `condition` holds; looked at whenever a participant is called or the row changes. */
  async until(condition: () => boolean, what: string, withinMs = 20_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (end: () => void) => {
        clearTimeout(timer);
        this.watchers.delete(watcher);
        end();
      };
      const watcher = () => {
        if (condition()) finish(resolve);
      };
      const timer = setTimeout(() => finish(() => reject(new Error(`waited in vain for ${what}`))), withinMs);
      this.watchers.add(watcher);
    });
  }
}
