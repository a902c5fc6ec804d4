/** Where the servers are, whoever started them. */
export interface ServerAddresses {
  /** host:port, comma-separated if there are several. */
  readonly kafkaBrokers: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly temporalUiUrl: string;
  readonly databaseUrl: string;
  /** Where the gateway is to listen; the stack itself does not start it. */
  readonly gatewayUrl: string;
  /** Of a sandbox, where there is one. */
  readonly paymentUrl?: string;
  readonly smtpUrl?: string;
  readonly smsUrl?: string;
}

/** Where everything is, a sandbox included. */
export type StackAddresses = Required<ServerAddresses>;

/** The addresses of a stack that has a sandbox. @throws TypeError when it has none: a programming error */
export function withSandbox(addresses: ServerAddresses): StackAddresses {
  const { paymentUrl, smtpUrl, smsUrl } = addresses;
  if (paymentUrl === undefined || smtpUrl === undefined || smsUrl === undefined) {
    throw new TypeError('this stack has no sandbox: its owner named none');
  }
  return { ...addresses, paymentUrl, smtpUrl, smsUrl };
}

/** The same addresses as the environment variables that config/config.ts reads. */
export function environmentOf(addresses: ServerAddresses): Record<string, string> {
  const { paymentUrl, smtpUrl, smsUrl } = addresses;
  const gateway = new URL(addresses.gatewayUrl);
  return {
    KAFKA_BROKERS: addresses.kafkaBrokers,
    TEMPORAL_ADDRESS: addresses.temporalAddress,
    TEMPORAL_NAMESPACE: addresses.temporalNamespace,
    TEMPORAL_UI_URL: addresses.temporalUiUrl,
    DATABASE_URL: addresses.databaseUrl,
    HTTP_HOST: gateway.hostname,
    HTTP_PORT: gateway.port || (gateway.protocol === 'https:' ? '443' : '80'),
    ...(paymentUrl === undefined ? {} : { PAYMENT_URL: paymentUrl }),
    ...(smtpUrl === undefined ? {} : { SMTP_URL: smtpUrl }),
    ...(smsUrl === undefined ? {} : { SMS_URL: smsUrl }),
  };
}
