/** Participants on the real database and the real sandbox, and ways to look at what they left behind. */
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { analytics } from '../../../activities/analytics/index.ts';
import { notificationWith } from '../../../activities/notification/index.ts';
import { paymentWith, type PaymentTimes } from '../../../activities/payment/index.ts';
import { profile } from '../../../activities/profile/index.ts';
import { createDatabase } from '../../../packages/sagaline/prisma/database.ts';
import { participantsOf } from '../../support/participants.ts';
import { createTestDatabase } from '../../support/stack.ts';
import { startSandbox } from './sandbox-process.ts';

export type Workbench = Awaited<ReturnType<typeof openWorkbench>>;

export interface ParticipantOptions {
  readonly payment?: PaymentTimes & { readonly url?: string; readonly timeoutMs?: number };
  readonly notificationTimeoutMs?: number;
  readonly smtpUrl?: string;
  readonly operatorsEmail?: string;
  readonly workflowId?: () => string | undefined;
}

export async function openWorkbench() {
  const testDatabase = await createTestDatabase();
  const database = createDatabase({ url: testDatabase.url, poolSize: 25, acquireTimeoutMs: 5_000 });
  const sandbox = await startSandbox();
  const closers: (() => Promise<void>)[] = [];

  /** Time-outs are short, so that tests see them end. */
  function participantSet(options: ParticipantOptions = {}) {
    const { url = sandbox.paymentUrl, timeoutMs = 5_000, ...times } = options.payment ?? {};
    const environment = {
      PAYMENT_URL: url,
      PAYMENT_TIMEOUT_MS: String(timeoutMs),
      SMTP_URL: options.smtpUrl ?? sandbox.smtpUrl,
      SMS_URL: sandbox.smsUrl,
      ...(options.operatorsEmail !== undefined && { ALERT_EMAIL: options.operatorsEmail }),
    };
    const notification = notificationWith({ timeoutMs: options.notificationTimeoutMs ?? 5_000 });
    const set = participantsOf(environment, {
      participants: [paymentWith(times), notification, analytics, profile],
      database,
      workflowId: options.workflowId ?? (() => undefined),
    });
    closers.push(() => set.close());
    return set;
  }

  return {
    database,
    databaseUrl: testDatabase.url,
    sandbox,
    participantSet,
    /** The activities of a set of participants. */
    participants: (options?: ParticipantOptions) => participantSet(options).activities,
    /** Events in the outbox under a business key, in the order in which they will be published. */
    async emitted(key: string) {
      const rows = await database.outboxEvent.findMany({ where: { key }, orderBy: { id: 'asc' } });
      return rows.map(({ type, payload, eventId, workflowId, traceparent }) => ({
        type,
        payload,
        eventId,
        workflowId,
        traceparent,
      }));
    },
    async close() {
      for (const close of closers) await close();
      await sandbox.stop();
      await database.$disconnect();
      await testDatabase.close();
    },
  };
}

/** An id that no other test has: the tests of a file share database and sandbox. */
export function fresh(prefix: string): string {
  return `${prefix}-${randomUUID()}`;
}

/** The failure that a call ends with, and what it means to the kernel. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<{ type: string; final: boolean; message: string; retryAfterMs: number }> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  const failure = error as ApplicationFailure;
  return {
    type: failure.type ?? '',
    final: failure.nonRetryable ?? false,
    message: failure.message,
    retryAfterMs: Number(failure.nextRetryDelay ?? 0),
  };
}

/** Calls again after retryable failures, as Temporal does; gives up after `limit` calls. */
export async function untilDone<T>(call: () => Promise<T>, limit = 20): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable || attempt >= limit) throw error;
      await delay(Number(error.nextRetryDelay ?? 20));
    }
  }
}
