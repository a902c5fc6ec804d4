/** Makes one call of a participant and prints its answer: a process that fault tests let die in the middle. */
import { createFailpoint } from '../../../activities/failpoints.ts';
import { createParticipants } from '../../../activities/index.ts';
import { createDatabase } from '../../../prisma/database.ts';

const { databaseUrl, paymentUrl, failpoint, activity, input } = JSON.parse(process.argv[2] ?? '{}') as {
  databaseUrl: string;
  paymentUrl: string;
  failpoint: string;
  activity: 'payment.charge' | 'payment.refund';
  input: never;
};

const database = createDatabase({ url: databaseUrl, poolSize: 2, acquireTimeoutMs: 5_000 });
const { activities, close } = createParticipants({
  database,
  payment: { url: paymentUrl, timeoutMs: 2_000 },
  notification: { smtpUrl: 'smtp://127.0.0.1:9', smsUrl: 'http://127.0.0.1:9', from: 'orders@sagaline.example' },
  failpoint: createFailpoint([failpoint]),
  workflowId: () => undefined,
});
process.stdout.write(JSON.stringify(await activities[activity](input)));
close();
await database.$disconnect();
