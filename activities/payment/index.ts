import type { Database } from '../../prisma/database.ts';
import type { PaymentActivities } from '../../workflows/contracts/participants.ts';
import type { Failpoint } from '../failpoints.ts';
import type { WorkflowId } from '../workflow-id.ts';
import { createCharge } from './charge.ts';
import { createGiveBack } from './give-back.ts';
import { createHttpProvider } from './http-provider.ts';
import { createPaymentLedger } from './ledger.ts';
import { createRefund } from './refund.ts';
import { createSweep, type Sweep } from './sweep.ts';

export interface PaymentOptions {
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** For one request to the provider, in ms. */
  readonly timeoutMs: number;
  /**
   * For how long (ms) the provider may go on with a charge whose client has gone; by default as long as a request may take. The
   * larger, the longer a refund waits before it believes that a lost charge was never made.
   */
  readonly settleMs?: number | undefined;
  /** When the provider is asked again about an undone charge that it does not know, in ms, each from the one before. */
  readonly sweepAfterMs?: readonly number[] | undefined;
}

export interface PaymentDeps {
  readonly database: Database;
  readonly payment: PaymentOptions;
  readonly failpoint: Failpoint;
  readonly workflowId: WorkflowId;
}

export interface Payment {
  readonly activities: PaymentActivities;
  /** Looks once at undone charges of which something may still come. */
  readonly sweep: Sweep;
}

/** Beyond a look-up and the charge itself, for what our own database takes in between, in ms. */
const MARGIN_MS = 1_000;

/** The payment participant: our ledger in front of the provider. */
export function createPayment({ database, payment, failpoint, workflowId }: PaymentDeps): Payment {
  const { url, apiKey, timeoutMs, settleMs = timeoutMs, sweepAfterMs } = payment;
  const provider = createHttpProvider({ url, apiKey, timeoutMs });
  const ledger = createPaymentLedger(database, workflowId);
  const giveBack = createGiveBack(provider, ledger, failpoint);
  const requestsMs = 2 * timeoutMs + MARGIN_MS;
  // A sweep is no activity: each row says whose work it is.
  const sweepLedger = createPaymentLedger(database, () => undefined);
  return {
    activities: {
      charge: createCharge({ provider, ledger, giveBack, failpoint, requestsMs, settleMs }),
      refund: createRefund({ provider, ledger, giveBack }),
    },
    sweep: createSweep({
      provider,
      ledger: sweepLedger,
      giveBack: createGiveBack(provider, sweepLedger, failpoint),
      ...(sweepAfterMs && { afterMs: sweepAfterMs }),
    }),
  };
}
