import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMessageStore, messageIdOf } from '../../../activities/notification/messages.ts';
import { failureOf, fresh, openWorkbench, untilDone, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const anEmail = (local = 'ada') => `${local}-${randomUUID()}@customer.example`;
const aPhone = (ending = '1234') => `+4915${String(randomInt(1_000_000)).padStart(6, '0')}${ending}`;

function aMessage(to: { email?: string; phone?: string }) {
  const subjectId = fresh('o');
  const key = `orderSaga:${subjectId}:notification`;
  return {
    message: { to, template: 'order-paid', subjectId, values: { amount: 1999, currency: 'EUR' }, key },
    correction: { actionKey: key, template: 'order-rejected', subjectId, key: `${key}:compensation` },
  } as const;
}

const typesOf = async (subjectId: string) => (await bench.emitted(subjectId)).map(({ type }) => type);

describe('send', () => {
  test('sends once per channel, whatever the number of attempts, and tells it once', async () => {
    const to = { email: anEmail(), phone: aPhone() };
    const { message } = aMessage(to);
    const { 'notification.send': send } = bench.participants();
    for (let attempt = 0; attempt < 3; attempt++) expect(await send(message)).toEqual({ sent: ['email', 'sms'] });
    const mails = await bench.sandbox.mailsTo(to.email);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain('€19.99');
    expect(await bench.sandbox.textsTo(to.phone)).toHaveLength(1);
    const events = await bench.emitted(message.subjectId);
    const sent = events.map(({ type, payload }) => ({ type, ...(payload as { channel: string; template: string }) }));
    expect(sent.sort((a, b) => a.channel.localeCompare(b.channel))).toMatchObject([
      {
        type: 'notification.sent',
        channel: 'email',
        template: 'order-paid',
        subject: { kind: 'order', id: message.subjectId },
      },
      { type: 'notification.sent', channel: 'sms', template: 'order-paid' },
    ]);
    expect(JSON.stringify(events)).not.toContain(to.email);
  });

  test('sends once when attempts overlap', async () => {
    const to = { email: anEmail(), phone: aPhone() };
    const { message } = aMessage(to);
    const { 'notification.send': send } = bench.participants();
    await Promise.all([1, 2, 3, 4].map(() => untilDone(() => send(message))));
    expect(await bench.sandbox.mailsTo(to.email)).toHaveLength(1);
    expect(await bench.sandbox.textsTo(to.phone)).toHaveLength(1);
  });

  test('writes only to the channels that there is an address for', async () => {
    const { message } = aMessage({ email: anEmail() });
    expect(await bench.participants()['notification.send'](message)).toEqual({ sent: ['email'] });
  });

  test('keeps every script intact, and lets no value add a header', async () => {
    const email = anEmail();
    const { message } = aMessage({ email });
    const { 'notification.send': send } = bench.participants();
    await send({ ...message, template: 'welcome', values: { name: '김하늘\r\nBcc: eve@customer.example <b>' } });
    const [mail] = await bench.sandbox.mailsTo(email);
    expect(mail?.text).toContain('김하늘 Bcc: eve@customer.example <b>');
    expect(mail?.raw).not.toMatch(/^Bcc:/m);
    expect(await bench.sandbox.mailsTo('eve@customer.example')).toEqual([]);
  });

  test.each([
    { how: 'mailbox', to: { email: anEmail('refused') }, channel: 'email', reason: 'smtp_550' },
    { how: 'domain', to: { email: `ada-${randomUUID()}@refused.example` }, channel: 'email', reason: 'smtp_550' },
    { how: 'number', to: { phone: aPhone('0000') }, channel: 'sms', reason: 'sms_invalid_number' },
  ])('a $how refused for good is final, and told once without the address', async ({ to, channel, reason }) => {
    const { message } = aMessage(to);
    const { 'notification.send': send } = bench.participants();
    const failure = await failureOf(send(message));
    expect(failure).toMatchObject({ type: 'RecipientRefused', final: true });
    expect(await failureOf(send(message))).toMatchObject({ type: 'RecipientRefused', final: true });
    const events = await bench.emitted(message.subjectId);
    expect(events).toMatchObject([
      { type: 'notification.failed', payload: { channel, reason, template: 'order-paid' } },
    ]);
    for (const address of Object.values(to)) expect(JSON.stringify([failure, events])).not.toContain(address);
  });

  test.each([
    { how: 'greylisting', to: { email: anEmail('greylist') } },
    { how: 'a carrier that is busy', to: { phone: aPhone('0503') } },
  ])('$how is retryable at once, and the message then goes out once', async ({ to }) => {
    const { message } = aMessage(to);
    const { 'notification.send': send } = bench.participants();
    for (let attempt = 0; attempt < 2; attempt++) {
      const failure = await failureOf(send(message));
      expect(failure).toMatchObject({ type: 'NotDelivered', final: false, retryAfterMs: 0 });
      for (const address of Object.values(to)) expect(failure.message).not.toContain(address);
    }
    await send(message);
    expect(await typesOf(message.subjectId)).toEqual(['notification.sent']);
  });

  test('a final refusal on one channel decides, and the other channel is still used once', async () => {
    const to = { email: anEmail('greylist'), phone: aPhone('0000') };
    const { message } = aMessage(to);
    expect(await failureOf(bench.participants()['notification.send'](message))).toMatchObject({
      type: 'RecipientRefused',
    });
  });

  test('an attempt that died in the middle is waited for, then sent again with the same message id', async () => {
    const email = anEmail();
    const { message } = aMessage({ email });
    const { subjectId, template, key: actionKey } = message;
    const ref = { actionKey, channel: 'email', subjectId, template } as const;
    // What a killed process leaves behind: the claim, and nothing else. Time-out and margin are as the participant has them.
    await createMessageStore({ database: bench.database, workflowId: () => undefined, attemptMs: 2_000 }).claim({
      ...ref,
      recipient: email,
    });
    const { 'notification.send': send } = bench.participants({ notificationTimeoutMs: 1_000 });
    const failure = await failureOf(send(message));
    expect(failure).toMatchObject({ type: 'MessageStillOpen', final: false });
    expect(failure.retryAfterMs).toBeGreaterThan(0);
    await untilDone(() => send(message));
    expect((await bench.sandbox.mailsTo(email)).map(({ messageId }) => messageId)).toEqual([
      `<${messageIdOf(ref)}@sagaline.example>`,
    ]);
  });
});

describe('correct', () => {
  test('corrects each message that was sent, once', async () => {
    const to = { email: anEmail(), phone: aPhone() };
    const { message, correction } = aMessage(to);
    const { 'notification.send': send, 'notification.correct': correct } = bench.participants();
    await send(message);
    for (let attempt = 0; attempt < 2; attempt++)
      expect(await correct(correction)).toEqual({ corrected: ['email', 'sms'] });
    const mails = await bench.sandbox.mailsTo(to.email);
    expect(mails.map(({ subject }) => subject)).toEqual([
      `Your order ${message.subjectId} is paid`,
      `Correction: your order ${message.subjectId} could not be completed`,
    ]);
    expect(await bench.sandbox.textsTo(to.phone)).toHaveLength(2);
  });

  test('corrects nothing where nothing was sent, and lets the late message not go out', async () => {
    const email = anEmail();
    const { message, correction } = aMessage({ email });
    const { 'notification.send': send, 'notification.correct': correct } = bench.participants();
    expect(await correct(correction)).toEqual({ corrected: [] });
    expect(await failureOf(send(message))).toMatchObject({ type: 'ActionUndone', final: true });
    expect(await bench.sandbox.mailsTo(email)).toEqual([]);
    expect(await typesOf(message.subjectId)).toEqual([]);
  });

  test('reaches only the channel on which the message went out', async () => {
    const to = { email: anEmail(), phone: aPhone('0000') };
    const { message, correction } = aMessage(to);
    const { 'notification.send': send, 'notification.correct': correct } = bench.participants();
    expect((await failureOf(send(message))).type).toBe('RecipientRefused');
    expect(await correct(correction)).toEqual({ corrected: ['email'] });
    expect(await bench.sandbox.mailsTo(to.email)).toHaveLength(2);
  });

  test('says nothing to somebody whose mail server could not be reached', async () => {
    const email = anEmail();
    const { message, correction } = aMessage({ email });
    const { 'notification.send': send } = bench.participants({ smtpUrl: 'smtp://127.0.0.1:9' });
    expect(await failureOf(send(message))).toMatchObject({ type: 'NotDelivered', final: false });
    expect(await bench.participants()['notification.correct'](correction)).toEqual({ corrected: [] });
    expect(await bench.sandbox.mailsTo(email)).toEqual([]);
  });
});
