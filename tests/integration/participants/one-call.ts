/** Makes one call of a participant and prints its answer: a process that fault tests let die in the middle. */
import { createFailpoint } from '../../../packages/sagaline/ground/failpoints.ts';
import { payment } from '../../../activities/payment/index.ts';
import { createDatabase } from '../../../packages/sagaline/prisma/database.ts';
import { participantsOf } from '../../support/participants.ts';
import { deposit } from './deposit.ts';

const { databaseUrl, paymentUrl, failpoint, activity, input } = JSON.parse(process.argv[2] ?? '{}') as {
  databaseUrl: string;
  paymentUrl: string;
  failpoint: string;
  activity: 'payment.charge' | 'payment.refund' | 'deposit.take' | 'deposit.giveBack';
  input: never;
};

const database = createDatabase({ url: databaseUrl, poolSize: 2, acquireTimeoutMs: 5_000 });
const { activities, close } = participantsOf(
  { PAYMENT_URL: paymentUrl, PAYMENT_TIMEOUT_MS: '2000', DEPOSIT_URL: paymentUrl },
  { participants: [payment, deposit], database, failpoint: createFailpoint([failpoint]), workflowId: () => undefined },
);
process.stdout.write(JSON.stringify(await activities[activity](input)));
await close();
await database.$disconnect();
