import type { ConnectionOptions } from 'node:tls';
import type { ConnectionOptions as TemporalOptions } from '@temporalio/client';
import type { ServerAddresses } from '../addresses.ts';
import type { ServerStatus } from '../provider.ts';
import { httpAnswers, kafkaAnswers, postgresAnswers, smtpAnswers, temporalAnswers } from './checks.ts';
import type { HealthCheck } from './wait.ts';

/** What servers elsewhere may want beside their address. */
export interface ServerSecurity {
  readonly kafkaTls?: ConnectionOptions | undefined;
  readonly temporal?: Pick<TemporalOptions, 'tls' | 'apiKey'>;
}

const TIMEOUT_MS = 3_000;

/** The health check of every server, by the server's name. */
export function healthChecks(addresses: ServerAddresses, security: ServerSecurity = {}): Record<string, HealthCheck> {
  const brokers = addresses.kafkaBrokers.split(',').map((broker) => kafkaAnswers(broker.trim(), security.kafkaTls));
  return {
    // One broker is enough to find the others.
    kafka: async (timeoutMs) => {
      await Promise.any(brokers.map((check) => check(timeoutMs))).catch((error: unknown) => {
        throw error instanceof AggregateError ? error.errors[0] : error;
      });
    },
    temporal: temporalAnswers(
      { address: addresses.temporalAddress, ...security.temporal },
      addresses.temporalNamespace,
    ),
    postgres: postgresAnswers(addresses.databaseUrl),
    ...sandboxChecks(addresses),
  };
}

function sandboxChecks({ paymentUrl, smsUrl, smtpUrl }: ServerAddresses): Record<string, HealthCheck> {
  return {
    ...(paymentUrl === undefined ? {} : { payment: httpAnswers(new URL('/healthz', paymentUrl).href) }),
    ...(smsUrl === undefined ? {} : { sms: httpAnswers(new URL('/healthz', smsUrl).href) }),
    ...(smtpUrl === undefined ? {} : { smtp: smtpAnswers(smtpUrl) }),
  };
}

/** Asks every server once. */
export function checkAll(addresses: ServerAddresses, security?: ServerSecurity): Promise<ServerStatus[]> {
  const checks = Object.entries(healthChecks(addresses, security));
  return Promise.all(
    checks.map(async ([name, check]): Promise<ServerStatus> => {
      try {
        await check(TIMEOUT_MS);
        return { name, state: 'up' };
      } catch (error) {
        return { name, state: 'down', reason: reasonOf(error) };
      }
    }),
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A connection refused on every address of a name has no message of its own.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : error.message;
}
