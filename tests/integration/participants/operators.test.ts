/** Messages to the operators: the saga says whom, the configuration says where. */
import { applicationTables } from '../../../prisma/application.ts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureOf, fresh, openWorkbench, untilDone, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const anAddress = (local = 'operators') => `${local}-${randomUUID()}@sagaline.example`;

function anAlert() {
  const subjectId = fresh('alert');
  const values = { service: 'checkout', count: 200, windowMs: 60_000, at: '2026-11-22T10:00:00.000Z' };
  return { to: 'operators', template: 'error-burst', subjectId, values, key: `alertSaga:${subjectId}/notify` } as const;
}

const typesOf = async (subjectId: string) => (await bench.emitted(subjectId)).map(({ type }) => type);

test('one mail at the configured address, whatever the number of attempts, and no address in the row', async () => {
  const operatorsEmail = anAddress();
  const alert = anAlert();
  const { 'notification.send': send } = bench.participants({ operatorsEmail });
  for (let attempt = 0; attempt < 3; attempt++) expect(await send(alert)).toEqual({ sent: ['email'] });
  const mails = await bench.sandbox.mailsTo(operatorsEmail);
  expect(mails.map(({ subject }) => subject)).toEqual(['Alert: errors of checkout']);
  expect(await applicationTables(bench.database).message.findMany({ where: { actionKey: alert.key } })).toMatchObject([
    { recipient: 'operators', state: 'sent' },
  ]);
  expect(await typesOf(alert.subjectId)).toEqual(['notification.sent']);
});

test('without an address nothing is sent, and that is no failure', async () => {
  const alert = anAlert();
  expect(await bench.participants()['notification.send'](alert)).toEqual({ sent: [] });
  expect(await typesOf(alert.subjectId)).toEqual([]);
});

test('an address that was corrected while the message was retried is the one that gets it', async () => {
  const alert = anAlert();
  const unreachable = bench.participants({ operatorsEmail: anAddress('greylist') });
  expect(await failureOf(unreachable['notification.send'](alert))).toMatchObject({
    type: 'NotDelivered',
    final: false,
  });
  const operatorsEmail = anAddress();
  const corrected = bench.participants({ operatorsEmail });
  expect(await untilDone(() => corrected['notification.send'](alert))).toEqual({ sent: ['email'] });
  expect(await bench.sandbox.mailsTo(operatorsEmail)).toHaveLength(1);
});

test('an address that is refused for good fails for good', async () => {
  const { 'notification.send': send } = bench.participants({ operatorsEmail: anAddress('refused') });
  expect(await failureOf(send(anAlert()))).toMatchObject({ type: 'RecipientRefused', final: true });
});
