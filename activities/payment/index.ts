import type { Database } from '../../prisma/database.ts';
import type { PaymentActivities } from '../../workflows/contracts/participants.ts';
import type { Failpoint } from '../failpoints.ts';
import type { WorkflowId } from '../workflow-id.ts';
import { createCharge } from './charge.ts';
import { createGiveBack } from './give-back.ts';
import { createHttpProvider } from './http-provider.ts';
import { createPaymentLedger } from './ledger.ts';
import { createRefund } from './refund.ts';

export interface PaymentOptions {
  readonly url: string;
  /** For one request to the provider, in ms. */
  readonly timeoutMs: number;
  /**
   * For how long (ms) the provider may go on with a charge whose client has gone; by default as long as a request may take. The
   * larger, the longer a refund waits before it believes that a lost charge was never made.
   */
  readonly settleMs?: number | undefined;
}

export interface PaymentDeps {
  readonly database: Database;
  readonly payment: PaymentOptions;
  readonly failpoint: Failpoint;
  readonly workflowId: WorkflowId;
}

/** The payment participant: our ledger in front of the provider. */
export function createPayment({ database, payment, failpoint, workflowId }: PaymentDeps): PaymentActivities {
  const { url, timeoutMs, settleMs = timeoutMs } = payment;
  const provider = createHttpProvider({ url, timeoutMs });
  const ledger = createPaymentLedger(database, workflowId);
  const giveBack = createGiveBack(provider, ledger, failpoint);
  // A look-up, then the charge itself, then what the provider does after we have hung up.
  const attemptMs = 2 * timeoutMs + settleMs;
  return {
    charge: createCharge({ provider, ledger, giveBack, failpoint, attemptMs }),
    refund: createRefund({ provider, ledger, giveBack }),
  };
}
