/** The message rows in PostgreSQL. */
import { createHash, randomUUID } from 'node:crypto';
import { appendEventSql, type Database, KeyReused, type WorkflowId } from 'sagaline';
import { Prisma } from '../../prisma/generated/client.ts';
import { notificationEvents } from '../../workflows/events/notification.ts';
import { kindOf } from './templates.ts';
import { CHANNELS, keyOf, type Claimed, type MessageRef, type MessageRow, type MessageStore } from './ports.ts';

export interface MessageStoreDeps {
  readonly database: Database;
  readonly workflowId: WorkflowId;
  /** How long one attempt may be at a message, in ms. */
  readonly attemptMs: number;
}

/** Of a claim that finds the row taken and then free: each time somebody else was faster. */
const MAX_TRIES = 10;

/** The id a message carries on the wire and in events: says nothing, and is the same at every attempt. */
export function messageIdOf(message: Pick<MessageRef, 'actionKey' | 'channel'>): string {
  return createHash('sha256').update(keyOf(message)).digest('hex').slice(0, 32);
}

export function createMessageStore({ database, workflowId, attemptMs }: MessageStoreDeps): MessageStore {
  const attempt = Prisma.sql`${attemptMs}::float8 * interval '1 millisecond'`;
  const columns = Prisma.sql`
    "channel", "state", "undone", "maybe_sent" AS "maybeSent", "recipient", "template",
    (CASE WHEN "state" = 'sending'
      THEN GREATEST(0, EXTRACT(EPOCH FROM "updated_at" + ${attempt} - clock_timestamp()) * 1000) ELSE 0 END)::float8 AS "busyForMs"`;

  function event(type: keyof typeof notificationEvents, message: MessageRef, more: { reason?: string } = {}) {
    const { subjectId, channel, template, subjectKind = kindOf(template) } = message;
    const subject = { kind: subjectKind, id: subjectId };
    const eventId = `${keyOf(message)}:${type}`;
    const base = { subject, subjectId, messageId: messageIdOf(message), channel, template };
    const lineage = { workflowId: workflowId() };
    const payload = type === 'notification.sent' ? base : { ...base, reason: more.reason ?? 'unspecified' };
    return appendEventSql({ eventId, event: notificationEvents[type], payload, ...lineage });
  }

  /**
   * Claims the row where it is free: never tried, released, or left behind by an attempt whose time is over. That one may have
   * sent it.
   */
  async function tryClaim(message: MessageRef & { recipient: string }): Promise<Claimed | undefined> {
    const { actionKey, channel, subjectId, subjectKind, template, recipient } = message;
    const attemptId = randomUUID();
    const [row] = await database.$queryRaw<MessageRow[]>`
      INSERT INTO "messages" ("key", "action_key", "channel", "subject_id", "template", "recipient", "state", "attempt")
      VALUES (${keyOf(message)}, ${actionKey}, ${channel}, ${subjectId}, ${template}, ${recipient}, 'sending', ${attemptId})
      ON CONFLICT ("key") DO UPDATE SET "state" = 'sending', "updated_at" = now(), "attempt" = EXCLUDED."attempt",
        "maybe_sent" = "messages"."maybe_sent" OR "messages"."state" = 'sending'
      WHERE NOT "messages"."undone" AND "messages"."recipient" = EXCLUDED."recipient"
        AND "messages"."template" = EXCLUDED."template"
        AND ("messages"."state" = 'pending'
          OR "messages"."state" = 'sending' AND "messages"."updated_at" + ${attempt} <= clock_timestamp())
      RETURNING ${columns}`;
    return row && { ...row, held: { actionKey, channel, subjectId, subjectKind, template, attempt: attemptId } };
  }

  return {
    async claim(message) {
      const { recipient, template } = message;
      const key = keyOf(message);
      for (let tries = 1; ; tries++) {
        const claimed = await tryClaim(message);
        if (claimed) return claimed;
        const [row] = await database.$queryRaw<MessageRow[]>`SELECT ${columns} FROM "messages" WHERE "key" = ${key}`;
        if (!row) throw new Error('the message row is gone: rows of messages are never deleted');
        const same = row.recipient === recipient && row.template === template;
        if (!row.undone && !same) throw new KeyReused(key);
        // Taken when we tried, and free by now: its holder let go of it, or ran out of time, between the two statements.
        const free = row.state === 'pending' || (row.state === 'sending' && row.busyForMs <= 0);
        if (row.undone || !free || tries === MAX_TRIES) return row;
      }
    },

    async sent(held) {
      await database.$queryRaw`
        WITH sent AS (
          UPDATE "messages" SET "state" = 'sent', "updated_at" = now()
          WHERE "key" = ${keyOf(held)} AND "state" <> 'sent' RETURNING 1
        ) SELECT ${event('notification.sent', held)} FROM sent`;
    },

    async refused(held, reason) {
      await database.$queryRaw`
        WITH refused AS (
          UPDATE "messages" SET "state" = 'refused', "updated_at" = now()
          WHERE "key" = ${keyOf(held)} AND "state" = 'sending' AND "attempt" = ${held.attempt} RETURNING 1
        ) SELECT ${event('notification.failed', held, { reason })} FROM refused`;
    },

    async release(held) {
      await database.$executeRaw`
        UPDATE "messages" SET "state" = 'pending', "updated_at" = now()
        WHERE "key" = ${keyOf(held)} AND "state" = 'sending' AND "attempt" = ${held.attempt}`;
    },

    async undo({ actionKey, subjectId, template }) {
      const rows = CHANNELS.map(
        (channel) =>
          Prisma.sql`(${keyOf({ actionKey, channel })}, ${actionKey}, ${channel}, ${subjectId}, ${template}, 'pending', true)`,
      );
      return database.$queryRaw<MessageRow[]>`
        INSERT INTO "messages" ("key", "action_key", "channel", "subject_id", "template", "state", "undone")
        VALUES ${Prisma.join(rows)}
        ON CONFLICT ("key") DO UPDATE SET "undone" = true
        RETURNING ${columns}`;
    },
  };
}
