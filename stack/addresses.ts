/** Where everything is, whoever started it. */
export interface StackAddresses {
  /** host:port, comma-separated if there are several. */
  readonly kafkaBrokers: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly temporalUiUrl: string;
  readonly databaseUrl: string;
  /** Where the gateway is to listen; the stack itself does not start it. */
  readonly gatewayUrl: string;
  readonly paymentUrl: string;
  readonly smtpUrl: string;
  readonly smsUrl: string;
}

/** The same addresses as the environment variables that packages/sagaline/config/config.ts reads. */
export function environmentOf(addresses: StackAddresses): Record<string, string> {
  const gateway = new URL(addresses.gatewayUrl);
  return {
    KAFKA_BROKERS: addresses.kafkaBrokers,
    TEMPORAL_ADDRESS: addresses.temporalAddress,
    TEMPORAL_NAMESPACE: addresses.temporalNamespace,
    TEMPORAL_UI_URL: addresses.temporalUiUrl,
    DATABASE_URL: addresses.databaseUrl,
    HTTP_HOST: gateway.hostname,
    HTTP_PORT: gateway.port || (gateway.protocol === 'https:' ? '443' : '80'),
    PAYMENT_URL: addresses.paymentUrl,
    SMTP_URL: addresses.smtpUrl,
    SMS_URL: addresses.smsUrl,
  };
}
