/** docker compose, with the file of whoever the servers are for. */
import type { Ports } from '../native/ports.ts';
import { ROLE } from '../native/postgres.ts';
import { CommandFailed, run } from '../tools/run.ts';

/** Which variable of docker-compose.yml says at which port of this machine a server is. */
const VARIABLES = {
  SAGALINE_KAFKA_PORT: 'kafka',
  SAGALINE_TEMPORAL_PORT: 'temporal',
  SAGALINE_TEMPORAL_UI_PORT: 'temporalUi',
  SAGALINE_POSTGRES_PORT: 'postgres',
  SAGALINE_PAYMENT_PORT: 'payment',
  SAGALINE_SMS_PORT: 'sms',
  SAGALINE_SMTP_PORT: 'smtp',
  SAGALINE_GATEWAY_PORT: 'gateway',
} as const satisfies Record<string, keyof Ports>;

export interface ComposeProject {
  readonly composeFile: string;
  /** Compose wants lower case. */
  readonly project: string;
}

export type Compose = (...args: readonly string[]) => Promise<string>;

/** Compose commands for one project. Commands that start nothing need no ports. */
export function createCompose({ composeFile, project }: ComposeProject, ports?: Ports): Compose {
  const variables = ports
    ? Object.fromEntries(Object.entries(VARIABLES).map(([name, port]) => [name, String(ports[port])]))
    : {};
  return (...args) =>
    run('docker', ['compose', '--progress', 'quiet', '--project-name', project, '--file', composeFile, ...args], {
      // The password that our addresses have, whatever somebody chose for a stack of theirs.
      env: { ...process.env, ...variables, SAGALINE_POSTGRES_PASSWORD: ROLE },
    });
}

/** Why there can be no servers in Docker on this machine; undefined if there can. */
export async function dockerMissing(): Promise<string | undefined> {
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}']);
  } catch (error) {
    return `no Docker engine answers (${lastLineOf(error)})`;
  }
  try {
    await run('docker', ['compose', 'version']);
  } catch {
    return 'the Docker command has no compose plugin (docker compose version)';
  }
  return undefined;
}

/** The last line says why; those before it say what was tried. */
function lastLineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.trim().split('\n');
  return error instanceof CommandFailed ? (lines.at(-1) ?? message) : message;
}
