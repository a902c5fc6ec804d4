/** The real sandbox, as its own process on free ports, asked over its own HTTP API. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const Ready = z.object({ ready: z.literal(true), paymentPort: z.int(), smsPort: z.int(), smtpPort: z.int() });
const LedgerView = z.object({
  totals: z.object({ captured: z.int(), refunded: z.int(), balance: z.int() }),
  entries: z.array(z.object({ type: z.string(), chargeId: z.string(), amount: z.int(), idempotencyKey: z.string() })),
});
const Mails = z.object({
  mails: z.array(z.object({ subject: z.string(), messageId: z.string(), text: z.string(), raw: z.string() })),
});
const Texts = z.object({ messages: z.array(z.object({ text: z.string() })) });

export type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

export async function startSandbox() {
  const dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/main.ts'], {
    env: {
      ...process.env,
      SANDBOX_PAYMENT_PORT: '0',
      SANDBOX_SMS_PORT: '0',
      SANDBOX_SMTP_PORT: '0',
      SANDBOX_DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { paymentPort, smsPort, smtpPort } = Ready.parse(JSON.parse(line));
  const paymentUrl = `http://127.0.0.1:${paymentPort}`;
  const smsUrl = `http://127.0.0.1:${smsPort}`;

  return {
    paymentUrl,
    smsUrl,
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    /** The provider's own view of an order's money. */
    ledger: async (orderId: string) => LedgerView.parse(await get(`${paymentUrl}/v1/ledger?orderId=${orderId}`)),
    mailsTo: async (to: string) => Mails.parse(await get(`${smsUrl}/v1/mails?to=${encodeURIComponent(to)}`)).mails,
    textsTo: async (to: string) =>
      Texts.parse(await get(`${smsUrl}/v1/messages?to=${encodeURIComponent(to)}`)).messages,
    async allowRefunds(orderId: string) {
      await fetch(`${paymentUrl}/v1/sandbox/refunds/allow`, { method: 'POST', body: JSON.stringify({ orderId }) });
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await rm(dataDir, { recursive: true });
    },
  };
}

async function get(url: string): Promise<unknown> {
  return await (await fetch(url)).json();
}
