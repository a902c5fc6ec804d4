import type { Database } from '../../prisma/database.ts';
import type { NotificationActivities } from '../../workflows/contracts/participants.ts';
import type { WorkflowId } from '../workflow-id.ts';
import { createCorrect } from './correct.ts';
import { createDeliver } from './deliver.ts';
import { createMailer } from './mailer.ts';
import { createMessageStore } from './messages.ts';
import { OPERATORS, withOperators } from './operators.ts';
import { createSend } from './send.ts';
import { createSmsCarrier } from './sms.ts';

export interface NotificationOptions {
  readonly smtpUrl: string;
  readonly smsUrl: string;
  readonly smsApiKey?: string | undefined;
  /** Sender of e-mail. */
  readonly from: string;
  /** Where e-mail for the operators goes; undefined: they get none. */
  readonly operatorsEmail?: string | undefined;
  /** For one attempt to hand a message over, in ms. */
  readonly timeoutMs?: number | undefined;
}

export interface NotificationDeps {
  readonly database: Database;
  readonly notification: NotificationOptions;
  readonly workflowId: WorkflowId;
}

const DEFAULT_TIMEOUT_MS = 8_000;
/** Between the claim of a row and the carrier's clock, so that one attempt's time is over before the next one begins. */
const MARGIN_MS = 1_000;

/** The notification participant: e-mail and SMS, and a row for each message. */
export function createNotification({ database, notification, workflowId }: NotificationDeps) {
  const { smtpUrl, smsUrl, smsApiKey, from, operatorsEmail, timeoutMs = DEFAULT_TIMEOUT_MS } = notification;
  const messages = createMessageStore({ database, workflowId, attemptMs: timeoutMs + MARGIN_MS });
  const carriers = {
    email: withOperators(createMailer({ smtpUrl, from, timeoutMs }), operatorsEmail),
    sms: createSmsCarrier({ smsUrl, apiKey: smsApiKey }),
  };
  const deliver = createDeliver({ messages, carriers, timeoutMs });
  const operators = operatorsEmail === undefined ? {} : { email: OPERATORS };
  const activities: NotificationActivities = {
    send: createSend(deliver, operators),
    correct: createCorrect(messages, deliver),
  };
  return {
    activities,
    close() {
      for (const carrier of Object.values(carriers)) carrier.close();
    },
  };
}
