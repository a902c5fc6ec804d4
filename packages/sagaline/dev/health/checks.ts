/** One health check per protocol. All addresses as in StackAddresses. */
import type { ConnectionOptions } from 'node:tls';
import { Connection, type ConnectionOptions as TemporalOptions } from '@temporalio/client';
import { createClient } from '../../prisma/connection.ts';
import { exchange } from './exchange.ts';
import type { HealthCheck } from './wait.ts';

const API_VERSIONS = 18;
const CORRELATION_ID = 7741;

/** Kafka: ApiVersions version 0, the one request that every broker answers before authentication. */
export function kafkaAnswers(broker: string, tls?: ConnectionOptions): HealthCheck {
  const request = Buffer.alloc(14);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(API_VERSIONS, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(CORRELATION_ID, 8);
  request.writeInt16BE(-1, 12);
  return async (timeoutMs) => {
    const [host, port] = splitAddress(broker);
    const answer = await exchange({ host, port, request, answerBytes: 10, timeoutMs, tls });
    if (answer.readInt32BE(4) !== CORRELATION_ID || answer.readInt16BE(8) !== 0) {
      throw new Error(`${broker} does not speak Kafka`);
    }
  };
}

/** SMTP: the server speaks first, and says 220. */
export function smtpAnswers(url: string): HealthCheck {
  return async (timeoutMs) => {
    const { hostname: host, port } = new URL(url);
    const banner = await exchange({ host, port: Number(port || 25), answerBytes: 3, timeoutMs });
    if (banner.toString('latin1', 0, 3) !== '220') throw new Error(`${url} does not speak SMTP`);
  };
}

/** PostgreSQL: authentication and a query. */
export function postgresAnswers(url: string): HealthCheck {
  return async (timeoutMs) => {
    const client = createClient({
      url,
      applicationName: 'sagaline-health',
      connectTimeoutMs: timeoutMs,
      bounds: { statementMs: timeoutMs, lockMs: timeoutMs, idleInTransactionMs: timeoutMs },
    });
    try {
      await client.connect();
      await client.query('SELECT 1');
    } finally {
      await client.end();
    }
  };
}

/** Temporal: the server's system information and the namespace. */
export function temporalAnswers(options: TemporalOptions, namespace: string): HealthCheck {
  return async (timeoutMs) => {
    const connection = await Connection.connect({ ...options, connectTimeout: timeoutMs });
    try {
      await connection.withDeadline(Date.now() + timeoutMs, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
    } finally {
      await connection.close();
    }
  };
}

/** HTTP: any 2xx. */
export function httpAnswers(url: string): HealthCheck {
  return async (timeoutMs) => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  };
}

/** All of them; the first failure wins. */
export function allAnswer(...checks: readonly HealthCheck[]): HealthCheck {
  return async (timeoutMs) => {
    await Promise.all(checks.map((check) => check(timeoutMs)));
  };
}

function splitAddress(address: string): [host: string, port: number] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon).replace(/^\[|\]$/g, ''), Number(address.slice(colon + 1))];
}
