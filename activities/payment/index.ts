import { createCallSweep, type EnvOf, fields, type ParticipantTools, remoteParticipant, secret } from 'sagaline';
import { paymentEvents } from '../../workflows/events/payment.ts';
import { callsOf } from './calls.ts';
import { createCharges, createPaymentActivities } from './charges.ts';
import type { PaymentActivities } from './contract.ts';
import { createHttpProvider } from './http-provider.ts';
import { createPaymentLedger } from './ledger.ts';
import { sweeper } from './sweeper.ts';

const env = {
  PAYMENT_URL: fields.httpUrl.default('http://127.0.0.1:8090'),
  PAYMENT_API_KEY: secret(fields.apiKey.optional()),
  /** For one request to the provider, in ms. */
  PAYMENT_TIMEOUT_MS: fields.milliseconds.default(5_000),
};

/** What a test has shorter. */
export interface PaymentTimes {
  /**
   * For how long (ms) the provider may go on with a charge whose client has gone; by default as long as a request may take. The
   * larger, the longer a refund waits before it believes that a lost charge was never made.
   */
  readonly settleMs?: number | undefined;
  /** When the provider is asked again about an undone charge that it does not know, in ms, each from the one before. */
  readonly sweepAfterMs?: readonly number[] | undefined;
  /** Between two sweeps, in ms. */
  readonly sweepEveryMs?: number | undefined;
}

/** The payment participant: our ledger in front of the provider. */
export const paymentWith = (times: PaymentTimes) =>
  remoteParticipant('payment', {
    env,
    emits: Object.values(paymentEvents),
    create: (tools) => createPayment(tools, times),
  });

export const payment = paymentWith({});

type Tools = ParticipantTools<EnvOf<typeof env>>;

function createPayment(tools: Tools, { settleMs, sweepAfterMs, sweepEveryMs }: PaymentTimes): PaymentActivities {
  const { database, failpoint, workflowId } = tools;
  const { PAYMENT_URL: url, PAYMENT_API_KEY: apiKey, PAYMENT_TIMEOUT_MS: timeoutMs } = tools.env;
  const provider = createHttpProvider({ url, apiKey, timeoutMs });
  const ledger = createPaymentLedger(database, workflowId);
  const deps = { provider, http: tools.http, failpoint, timeoutMs, settleMs: settleMs ?? timeoutMs };
  // A sweep is no activity: each row says whose work it is.
  const sweepLedger = createPaymentLedger(database, () => undefined);
  const { settleLate } = createCharges({ ...deps, ledger: sweepLedger });
  const sweep = createCallSweep(callsOf(sweepLedger), settleLate, sweepAfterMs);
  tools.inBackground(sweeper(sweep, tools, sweepEveryMs));
  return createPaymentActivities(createCharges({ ...deps, ledger }));
}
