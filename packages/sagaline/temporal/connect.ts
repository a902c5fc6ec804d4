import { Client, Connection, type TLSConfig } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import type { Config } from '../config/config.ts';
import { createDataConverter } from './data-converter.ts';

/** Addresses and secrets in the form that Connection and NativeConnection both take. */
export function connectionOptionsOf({ address, tls, apiKey }: Pick<Config['temporal'], 'address' | 'tls' | 'apiKey'>) {
  return { address, tls: tls ? tlsOf(tls) : apiKey !== undefined, ...(apiKey === undefined ? {} : { apiKey }) };
}

function tlsOf({ ca, cert, key, serverName }: NonNullable<Config['temporal']['tls']>): TLSConfig {
  return {
    ...(ca && { serverRootCACertificate: ca }),
    ...(cert && key && { clientCertPair: { crt: cert, key } }),
    ...(serverName !== undefined && { serverNameOverride: serverName }),
  };
}

export interface TemporalClient {
  readonly client: Client;
  /** Whether a workflow may be asked to start eagerly; the SDK refuses to ask over another connection. */
  readonly eager: boolean;
  /** Asks the server whether it serves, within `timeoutMs`; rejects otherwise. */
  ping(timeoutMs?: number): Promise<void>;
  /** Closes the connection, unless it was somebody else's. */
  close(): Promise<void>;
}

export interface TemporalClientOptions {
  readonly config: Config['temporal'];
  /**
   * The worker's NativeConnection where both live in one process: only then can a workflow start eagerly on that worker.
   * Left open by `close()`.
   */
  readonly connection?: NativeConnection;
  readonly dataConverter?: DataConverter;
}

/** Connects to Temporal; rejects when no server answers within Temporal's own bound of 10 s. */
export async function connectTemporal(options: TemporalClientOptions): Promise<TemporalClient> {
  const { config, dataConverter = createDataConverter() } = options;
  const own = options.connection ? undefined : await Connection.connect(connectionOptionsOf(config));
  const connection = options.connection ?? own;
  const { namespace } = config;
  const client = new Client({ namespace, dataConverter, ...(connection ? { connection } : {}) });
  return {
    client,
    eager: options.connection !== undefined,
    async ping(timeoutMs = 3_000) {
      await client.withDeadline(Date.now() + timeoutMs, () => client.workflowService.describeNamespace({ namespace }));
    },
    async close() {
      await own?.close();
    },
  };
}
