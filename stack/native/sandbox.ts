import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { allAnswer, httpAnswers, smtpAnswers } from '../health/checks.ts';
import type { NativeContext } from './context.ts';
import type { ServerSpec } from './server.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'sandbox', 'main.ts');

/** The far end: payment provider, SMS carrier and mail catcher, in one process. */
export function sandboxServer({ ports, stateDirectory }: NativeContext): ServerSpec | undefined {
  if (!existsSync(MAIN)) return undefined;
  return {
    name: 'sandbox',
    command: process.execPath,
    args: ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href, MAIN],
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
