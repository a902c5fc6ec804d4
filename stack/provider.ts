import type { StackAddresses } from './addresses.ts';

/** One server as `status` shows it. */
export interface ServerStatus {
  readonly name: string;
  /** `up` answers its protocol; `down` does not. */
  readonly state: 'up' | 'down';
  /** Why it is down, if known. */
  readonly reason?: string;
  readonly pid?: number;
  readonly log?: string;
}

export interface StackStatus {
  readonly provider: string;
  /** True when every server answers. */
  readonly ready: boolean;
  /** Undefined when the stack was never started. */
  readonly addresses: StackAddresses | undefined;
  readonly servers: readonly ServerStatus[];
}

/** Brings the servers up, and down again: external, native, and whatever comes next to them in providers.ts. */
export interface StackProvider {
  readonly name: string;
  /** Idempotent: starts what does not run, and resolves when every server answers its own protocol. */
  up(): Promise<StackAddresses>;
  /** Stops what `up` started, and nothing else. */
  down(): Promise<void>;
  status(): Promise<StackStatus>;
}
