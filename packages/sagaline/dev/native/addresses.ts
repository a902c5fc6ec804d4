import type { ServerAddresses, StackAddresses } from '../addresses.ts';
import type { Ports } from './ports.ts';
import { databaseUrl } from './postgres.ts';
import { NAMESPACE } from './temporal.ts';

/** As of a stack whose owner named a sandbox, or did not. */
export function addressesFor(ports: Ports, { sandbox }: { readonly sandbox?: unknown }): ServerAddresses {
  const { paymentUrl, smtpUrl, smsUrl, ...servers } = addressesOf(ports);
  return sandbox ? { ...servers, paymentUrl, smtpUrl, smsUrl } : servers;
}

/** @param host where the servers' ports are open; sandbox and gateway are on this machine anyway */
export function addressesOf(ports: Ports, host = '127.0.0.1'): StackAddresses {
  return {
    kafkaBrokers: `${host}:${ports.kafka}`,
    temporalAddress: `${host}:${ports.temporal}`,
    temporalNamespace: NAMESPACE,
    temporalUiUrl: `http://${host}:${ports.temporalUi}`,
    databaseUrl: databaseUrl(ports, undefined, host),
    gatewayUrl: `http://127.0.0.1:${ports.gateway}`,
    paymentUrl: `http://127.0.0.1:${ports.payment}`,
    smtpUrl: `smtp://127.0.0.1:${ports.smtp}`,
    smsUrl: `http://127.0.0.1:${ports.sms}`,
  };
}
