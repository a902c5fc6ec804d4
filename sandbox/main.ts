/** The far end of demo and tests, in one process: a payment provider, an SMS carrier and a mail catcher. See README.md. */
import { z } from 'zod';
import { listen } from './http.ts';
import { openMailCatcher } from './mail.ts';
import { createPaymentApp } from './payment/app.ts';
import { openLedger } from './payment/ledger.ts';
import { openSmsApp } from './sms.ts';

const Port = z.coerce.number().int().min(0).max(65535);
const Environment = z.object({
  SANDBOX_PAYMENT_PORT: Port.default(8090),
  SANDBOX_SMS_PORT: Port.default(8091),
  SANDBOX_SMTP_PORT: Port.default(1025),
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_DATA_DIR: z.string().min(1).default('.sagaline/sandbox'),
});

const env = Environment.parse(process.env);

const ledger = await openLedger(env.SANDBOX_DATA_DIR);
const sms = await openSmsApp(env.SANDBOX_DATA_DIR);
const catcher = await openMailCatcher(env.SANDBOX_DATA_DIR);
catcher.mount(sms.app);

const payment = await listen(createPaymentApp(ledger), env.SANDBOX_HOST, env.SANDBOX_PAYMENT_PORT);
const messages = await listen(sms.app, env.SANDBOX_HOST, env.SANDBOX_SMS_PORT);
const mail = await catcher.listen(env.SANDBOX_HOST, env.SANDBOX_SMTP_PORT);

// One line for whoever started it: ports that were given as 0 are known only now.
const ports = { paymentPort: payment.port, smsPort: messages.port, smtpPort: mail.port };
process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, ...ports })}\n`);

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await Promise.all([payment.close(), messages.close(), mail.close()]);
  await Promise.all([ledger.close(), sms.close()]);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
