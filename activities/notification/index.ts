import { z } from 'zod';
import { type EnvOf, fields, type ParticipantTools, remoteParticipant, secret } from 'sagaline';
import { notificationEvents } from '../../workflows/events/notification.ts';
import { readableMail } from './clear-text.ts';
import type { NotificationActivities } from './contract.ts';
import { createCorrect } from './correct.ts';
import { createDeliver } from './deliver.ts';
import { createMailer } from './mailer.ts';
import { createMessageStore } from './messages.ts';
import { OPERATORS, withOperators } from './operators.ts';
import { createSend } from './send.ts';
import { createSmsCarrier } from './sms.ts';

const env = {
  SMTP_URL: secret(z.url({ protocol: /^smtps?$/ }).default('smtp://127.0.0.1:1025')),
  SMS_URL: fields.httpUrl.default('http://127.0.0.1:8091'),
  SMS_API_KEY: secret(fields.apiKey.optional()),
  /** Sender of e-mail. */
  MAIL_FROM: z.string().default('Sagaline <orders@sagaline.example>'),
  /** Where e-mail for the operators goes; undefined: they get none. */
  ALERT_EMAIL: z.email().max(254).optional(),
};

/** What a test has shorter. */
export interface NotificationTimes {
  /** For one attempt to hand a message over, in ms. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 8_000;
/** Between the claim of a row and the carrier's clock, so that one attempt's time is over before the next one begins. */
const MARGIN_MS = 1_000;

/** The notification participant: e-mail and SMS, and a row for each message. */
export const notificationWith = ({ timeoutMs = DEFAULT_TIMEOUT_MS }: NotificationTimes) =>
  remoteParticipant('notification', {
    env,
    contradictions: readableMail,
    emits: Object.values(notificationEvents),
    create: (tools) => createNotification(tools, timeoutMs),
  });

export const notification = notificationWith({});

function createNotification(
  { database, workflowId, onClose, ...tools }: ParticipantTools<EnvOf<typeof env>>,
  timeoutMs: number,
): NotificationActivities {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, SMS_URL: smsUrl, ALERT_EMAIL: operatorsEmail } = tools.env;
  const messages = createMessageStore({ database, workflowId, attemptMs: timeoutMs + MARGIN_MS });
  const carriers = {
    email: withOperators(createMailer({ smtpUrl, from, timeoutMs }), operatorsEmail),
    sms: createSmsCarrier({ smsUrl, apiKey: tools.env.SMS_API_KEY }),
  };
  onClose(() => {
    for (const carrier of Object.values(carriers)) carrier.close();
  });
  const deliver = createDeliver({ messages, carriers, timeoutMs });
  const operators = operatorsEmail === undefined ? {} : { email: OPERATORS };
  return { send: createSend(deliver, operators), correct: createCorrect(messages, deliver) };
}
