/** E-mail over SMTP. Pooled connections; one attempt ends within its time-out, also when it waits for a connection. */
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { NotDelivered } from './failures.ts';
import { Refused, type Carrier } from './ports.ts';

export interface MailerOptions {
  readonly smtpUrl: string;
  /** Sender, such as `Sagaline <orders@sagaline.example>`; the message ids carry its domain. */
  readonly from: string;
  /** For a server to say anything, in ms; the whole attempt ends when its message says. */
  readonly timeoutMs: number;
}

const MAX_CONNECTIONS = 5;
/** Of one answer of the server: RFC 5321 has lines of 512 bytes. */
const MAX_RESPONSE_BYTES = 64 * 1024;

export function createMailer({ smtpUrl, from, timeoutMs }: MailerOptions): Carrier {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxResponseSize: MAX_RESPONSE_BYTES,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'sagaline.example';

  return {
    async send({ messageId, recipient, withinMs, content: { subject, text, html } }) {
      try {
        await transport.sendMail({
          from,
          // As an object: a comma in a string would make it two recipients.
          to: { name: '', address: recipient },
          messageId: `<${messageId}@${domain}>`,
          subject,
          text,
          html,
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(withinMs),
        });
      } catch (error) {
        throw classify(error);
      }
    },
    close: () => transport.close(),
  };
}

const SmtpError = z.object({
  code: z.string().optional(),
  command: z.string().optional(),
  responseCode: z.int().optional(),
  errno: z.union([z.string(), z.number()]).optional(),
  syscall: z.string().optional(),
});

/**
 * Only an answer to the recipient or to the message itself (RFC 5321: 5yz) is about the recipient; a refused login or greeting
 * is about us, and may be mended. So is a time-out's or an overload's 421. An address that the library itself will not send to
 * (EENVELOPE without an answer) is the recipient's, too. The library's error is not kept as a cause: it quotes addresses.
 */
function classify(error: unknown): Refused | NotDelivered {
  const { code = 'unknown', command, responseCode, syscall } = SmtpError.safeParse(error).data ?? {};
  if (responseCode !== undefined) {
    const aboutRecipient = command === 'RCPT TO' || command === 'DATA';
    // 503 (bad sequence) is about the session, 552 (mailbox full) may pass, and so was never for good.
    const forGood = responseCode >= 500 && responseCode !== 503 && responseCode !== 552;
    return aboutRecipient && forGood
      ? new Refused(`smtp_${responseCode}`)
      : new NotDelivered(`smtp_${responseCode}`, true);
  }
  if (code === 'EENVELOPE' && command === 'API') return new Refused('smtp_invalid_recipient');
  // Never connected, so never sent. Any other break may have come after the message went over.
  return new NotDelivered(code, code === 'EDNS' || syscall === 'connect');
}
