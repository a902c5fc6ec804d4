/** A mail catcher: a real SMTP server that delivers to a file, and refuses some recipients as real ones do. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerAddress } from 'smtp-server';
import { z } from 'zod';
import type { Listening, SandboxApp } from './http.ts';
import { openJournal } from './journal.ts';

const Mail = z.object({
  id: z.string(),
  at: z.string(),
  to: z.array(z.string()),
  from: z.string(),
  subject: z.string(),
  messageId: z.string(),
  text: z.string(),
  raw: z.string(),
});
type Mail = z.infer<typeof Mail>;

const MAX_BYTES = 1024 * 1024;
const GREYLISTED = 2;
const CLOSE_GRACE_MS = 1_000;

/** An SMTP answer: `responseCode` is what smtp-server sends. */
class SmtpRefusal extends Error {
  override readonly name = 'SmtpRefusal';
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

/** Refuses by recipient: `refused…` or anybody at refused.example for good, `greylist…` twice. */
function createRecipientCheck(): (address: string) => SmtpRefusal | undefined {
  const turnedAway = new Map<string, number>();
  return function check(address) {
    const [local = '', domain = ''] = address.toLowerCase().split('@');
    if (domain === 'refused.example' || local.startsWith('refused'))
      return new SmtpRefusal(550, '5.1.1 no such mailbox');
    const before = turnedAway.get(address) ?? 0;
    if (!local.startsWith('greylist') || before >= GREYLISTED) return undefined;
    turnedAway.set(address, before + 1);
    return new SmtpRefusal(451, '4.7.1 greylisted, try again');
  };
}

async function readMail(raw: Buffer, envelope: { from: string; to: string[] }): Promise<Mail> {
  const parsed = await PostalMime.parse(raw);
  return {
    id: randomUUID(),
    at: new Date().toISOString(),
    ...envelope,
    subject: parsed.subject ?? '',
    messageId: parsed.messageId ?? '',
    text: parsed.text ?? '',
    raw: raw.toString('utf8'),
  };
}

export interface MailCatcher {
  /** Adds GET /v1/mails?to= to an HTTP application. */
  mount(app: SandboxApp): void;
  /** @param port 0 takes a free one */
  listen(host: string, port: number): Promise<Listening>;
}

/** Opens `mails.ndjson` in the data directory. */
export async function openMailCatcher(dataDir: string): Promise<MailCatcher> {
  const journal = await openJournal(join(dataDir, 'mails.ndjson'), (line) => Mail.parse(line));
  const mails = [...journal.entries];
  const check = createRecipientCheck();

  async function deliver(mail: Mail): Promise<void> {
    await journal.append(mail);
    mails.push(mail);
  }

  const server = new SMTPServer({
    banner: 'Sagaline sandbox',
    disabledCommands: ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    size: MAX_BYTES,
    closeTimeout: CLOSE_GRACE_MS,
    onRcptTo: ({ address }, _session, callback) => callback(check(address)),
    onData(stream, { envelope }, callback) {
      const addressOf = (address: SMTPServerAddress | false) => (address ? address.address : '');
      buffer(stream)
        .then(async (raw) => {
          if (stream.sizeExceeded) throw new SmtpRefusal(552, '5.3.4 the message is too large');
          await deliver(
            await readMail(raw, { from: addressOf(envelope.mailFrom), to: envelope.rcptTo.map(addressOf) }),
          );
        })
        .then(
          () => callback(null, '2.0.0 accepted'),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        );
    },
  });
  // A client that goes away in the middle is its own affair; without a listener it would end the process.
  server.on('error', (error) => process.stderr.write(`smtp: ${error.message}\n`));

  return {
    mount(app) {
      app.get('/v1/mails', (c) => {
        const to = c.req.query('to');
        return c.json({ mails: mails.filter((mail) => to === undefined || mail.to.includes(to)) });
      });
    },
    async listen(host, port) {
      const listener = server.listen(port, host);
      await once(listener, 'listening');
      return {
        port: (listener.address() as AddressInfo).port,
        async close() {
          await new Promise<void>((resolve) => server.close(resolve));
          await journal.close();
        },
      };
    },
  };
}
