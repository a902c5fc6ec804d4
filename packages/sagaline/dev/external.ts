/** Servers that somebody else runs: their addresses come from the environment, by the names of config/config.ts. */
import { type Config, readConfig } from '../config/config.ts';
import { connectionOptionsOf } from '../temporal/connect.ts';
import type { ServerAddresses } from './addresses.ts';
import { checkAll, type ServerSecurity } from './health/servers.ts';
import type { StackOwner } from './owner.ts';
import { NoLogs, type StackProvider } from './provider.ts';

/** Not all servers answer; the message names each with its reason. */
export class StackUnavailable extends Error {
  override readonly name = 'StackUnavailable';
}

export function createExternalStack(
  environment: NodeJS.ProcessEnv,
  { sandbox }: Pick<StackOwner, 'sandbox'>,
): StackProvider {
  const config = readConfig(environment, { declared: sandbox?.declared ?? [] });
  const addresses = addressesOf(config);

  return {
    name: 'external',

    async up() {
      const servers = await checkAll(addresses, securityOf(config));
      const down = servers.filter(({ state }) => state === 'down');
      if (down.length > 0) {
        const lines = down.map(({ name, reason }) => `  - ${name}: ${reason ?? 'no answer'}`);
        throw new StackUnavailable(`the stack is external, but not all servers answer:\n${lines.join('\n')}`);
      }
      return addresses;
    },

    // Not ours to stop.
    down: () => Promise.resolve(),

    async status() {
      const servers = await checkAll(addresses, securityOf(config));
      return { provider: 'external', ready: servers.every(({ state }) => state === 'up'), addresses, servers };
    },

    logs: () => Promise.reject(new NoLogs('the logs of external servers are where these run')),
  };
}

function securityOf({ kafka, temporal }: Config): ServerSecurity {
  return { kafkaTls: kafka.tls && { ...kafka.tls }, temporal: connectionOptionsOf(temporal) };
}

function addressesOf(config: Config): ServerAddresses {
  const { kafka, temporal, database, http } = config;
  const host = http.host.includes(':') ? `[${http.host}]` : http.host;
  return {
    kafkaBrokers: kafka.brokers.join(','),
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    temporalUiUrl: temporal.uiUrl,
    databaseUrl: database.url,
    gatewayUrl: `http://${host}:${http.port}`,
    ...sandboxIn(config),
  };
}

/** Where the declarations of a sandbox say that it is; nothing without any. */
function sandboxIn({ declared }: Config): Pick<ServerAddresses, 'paymentUrl' | 'smtpUrl' | 'smsUrl'> {
  const { PAYMENT_URL, SMTP_URL, SMS_URL } = Object.assign({}, ...declared.values()) as Record<string, unknown>;
  return {
    ...(typeof PAYMENT_URL === 'string' ? { paymentUrl: PAYMENT_URL } : {}),
    ...(typeof SMTP_URL === 'string' ? { smtpUrl: SMTP_URL } : {}),
    ...(typeof SMS_URL === 'string' ? { smsUrl: SMS_URL } : {}),
  };
}
