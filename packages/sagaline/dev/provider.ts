import type { ServerAddresses } from './addresses.ts';

/** One server as `status` shows it. */
export interface ServerStatus {
  readonly name: string;
  /** `up` answers its protocol; `down` does not. */
  readonly state: 'up' | 'down';
  /** Why it is down, if known. */
  readonly reason?: string;
  readonly pid?: number;
  /** The file it writes to, if it writes to one. */
  readonly log?: string;
}

export interface StackStatus {
  readonly provider: string;
  /** True when every server answers. */
  readonly ready: boolean;
  /** Undefined when the stack was never started. */
  readonly addresses: ServerAddresses | undefined;
  readonly servers: readonly ServerStatus[];
}

/** There are no logs of that server here. */
export class NoLogs extends Error {
  override readonly name = 'NoLogs';
}

/** Brings the servers up, and down again: external, native or Docker; see providers.ts. */
export interface StackProvider {
  readonly name: string;
  /** Idempotent: starts what does not run, and resolves when every server answers its own protocol. */
  up(): Promise<ServerAddresses>;
  /** Stops what `up` started, and nothing else. */
  down(): Promise<void>;
  status(): Promise<StackStatus>;
  /** The end of the logs, of all servers or of one. @throws NoLogs */
  logs(server: string | undefined, lines: number): Promise<string>;
}
