import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { allAnswer, httpAnswers, smtpAnswers } from '../health/checks.ts';
import type { Sandbox } from '../owner.ts';
import type { NativeContext } from './context.ts';
import type { ServerSpec } from './server.ts';

/** The far end: payment provider, SMS carrier and mail catcher, in one process. */
export function sandboxServer({ main }: Sandbox, { ports, stateDirectory }: NativeContext): ServerSpec {
  return {
    name: 'sandbox',
    command: process.execPath,
    args: ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href, main],
    env: {
      SANDBOX_PAYMENT_PORT: String(ports.payment),
      SANDBOX_SMS_PORT: String(ports.sms),
      SANDBOX_SMTP_PORT: String(ports.smtp),
      SANDBOX_DATA_DIR: join(stateDirectory, 'sandbox'),
    },
    answers: allAnswer(
      httpAnswers(`http://127.0.0.1:${ports.payment}/healthz`),
      httpAnswers(`http://127.0.0.1:${ports.sms}/healthz`),
      smtpAnswers(`smtp://127.0.0.1:${ports.smtp}`),
    ),
  };
}
