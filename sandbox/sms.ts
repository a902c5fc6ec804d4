/** A minimal SMS carrier: accepts by Idempotency-Key, refuses by number, and tells what it accepted. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import {
  createSandboxApp,
  hashOf,
  keyReused,
  readBody,
  readIdempotencyKey,
  SandboxError,
  type SandboxApp,
} from './http.ts';
import { openJournal } from './journal.ts';
import { createKeysInUse } from './keys-in-use.ts';

const MessageRequest = z.object({ to: z.string().min(1).max(32), text: z.string().min(1).max(1600) });
const Message = z.object({
  id: z.string(),
  at: z.string(),
  to: z.string(),
  text: z.string(),
  idempotencyKey: z.string(),
  requestHash: z.string(),
});
type Message = z.infer<typeof Message>;

const E164 = /^\+[1-9][0-9]{6,14}$/;
const TURNED_AWAY = 2;

/** Opens `sms.ndjson` in the data directory; add more routes to the application before it listens. */
export async function openSmsApp(dataDir: string): Promise<{ app: SandboxApp; close(): Promise<void> }> {
  const journal = await openJournal(join(dataDir, 'sms.ndjson'), (line) => Message.parse(line));
  const messages = [...journal.entries];
  const byKey = new Map(messages.map((message) => [message.idempotencyKey, message]));
  const turnedAway = new Map<string, number>();
  const useKey = createKeysInUse();

  /** Numbers ending in 0000 are refused for good, those ending in 0503 twice. */
  function check(key: string, to: string): void {
    if (!E164.test(to) || to.endsWith('0000')) throw new SandboxError(400, 'invalid_number', 'no such number');
    const before = turnedAway.get(key) ?? 0;
    if (!to.endsWith('0503') || before >= TURNED_AWAY) return;
    turnedAway.set(key, before + 1);
    throw new SandboxError(503, 'unavailable', 'try again');
  }

  async function accept(key: string, request: z.infer<typeof MessageRequest>): Promise<Message> {
    const requestHash = hashOf(request);
    const known = byKey.get(key);
    if (known && known.requestHash !== requestHash) throw keyReused();
    if (known) return known;
    check(key, request.to);
    const message = {
      id: `sms_${randomUUID()}`,
      at: new Date().toISOString(),
      ...request,
      idempotencyKey: key,
      requestHash,
    };
    await journal.append(message);
    messages.push(message);
    byKey.set(key, message);
    return message;
  }

  const app = createSandboxApp();
  app.post('/v1/messages', async (c) => {
    const key = readIdempotencyKey(c.req.raw);
    const request = await readBody(c.req.raw, MessageRequest);
    const { id, to, at } = await useKey(key, () => accept(key, request));
    return c.json({ id, to, at }, 201);
  });
  app.get('/v1/messages', (c) => {
    const to = c.req.query('to');
    const found = messages.filter((message) => to === undefined || message.to === to);
    return c.json({
      messages: found.map(({ id, at, to, text, idempotencyKey }) => ({ id, at, to, text, idempotencyKey })),
    });
  });
  return { app, close: () => journal.close() };
}
