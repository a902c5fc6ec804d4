/** What gets into the corpus, and what does not. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JSONToPayload, type History } from '@temporalio/common/lib/proto-utils.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addHistory, historyText, nameFor } from '../../packages/sagaline/testing/replay/add-history.ts';
import { fileOf, readHistories, type NamedHistory } from '../../packages/sagaline/testing/replay/histories.ts';
import {
  HistoryExists,
  InvalidName,
  NothingToReplay,
  PersonalData,
} from '../../packages/sagaline/testing/replay/problems.ts';
import { HISTORIES } from './support/corpus.ts';

let directory: string;
let completed: NamedHistory;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sagaline-histories-'));
  completed = (await readHistories(HISTORIES)).find(({ name }) => name === 'orderSaga-completed') as NamedHistory;
});
afterEach(() => rm(directory, { recursive: true }));

describe('a history that is added', () => {
  test('is read back as it was', async () => {
    const file = await addHistory('again', completed.history, { directory });
    expect(await readFile(file, 'utf8')).toBe(await readFile(fileOf('orderSaga-completed', HISTORIES), 'utf8'));
    expect(await readHistories(directory)).toMatchObject([{ name: 'again', saga: 'orderSaga' }]);
  });

  test('never takes the place of another, unless told so', async () => {
    await addHistory('again', completed.history, { directory });
    await expect(addHistory('again', completed.history, { directory })).rejects.toThrow(HistoryExists);
    await addHistory('again', completed.history, { directory, replace: true });
  });

  test('stays in its directory', async () => {
    await expect(addHistory('../again', completed.history, { directory })).rejects.toThrow(InvalidName);
    expect(nameFor('orderSaga:../o-1')).toBe('orderSaga-..-o-1');
  });

  test('says nothing of the machine it was recorded on', () => {
    const [task] = (completed.history.events ?? []).flatMap((event) => event.workflowTaskStartedEventAttributes ?? []);
    Object.assign(task ?? {}, { identity: '4711@a-machine' });
    const failed = {
      activityTaskFailedEventAttributes: { failure: { message: 'no', stackTrace: 'at /home/somebody' } },
    };
    const text = historyText('again', { events: [...(completed.history.events ?? []), failed] });
    expect(text).not.toMatch(/a-machine|somebody/);
    expect(text).toContain('"message": "no"');
  });
});

describe('a history that may be about a real person is refused', () => {
  const email = 'somebody@gmail.com';

  test.for([
    ['an e-mail address', { contact: { email } }],
    ['an e-mail address', { note: `write to Somebody <${email}>, please` }],
    ['an e-mail address', { [email]: true }],
    ['an e-mail address', ['x', { deep: [email] }]],
    ['a phone number', { contact: { phone: '+4915112345678' } }],
    // A test number of card schemes.
    ['a card number', { card: '4111111111111111' }],
  ] as const)('%s in %j', ([what, data]) => {
    const refused = problemWith(withInput(data));
    expect(refused).toBeInstanceOf(PersonalData);
    expect(refused?.message).toContain(
      `${what} at events[0].workflowExecutionStartedEventAttributes.input.payloads[0].data`,
    );
    expect(refused?.message).not.toMatch(/gmail|49151|4111/);
  });

  test('because nobody can tell what an encrypted payload holds', () => {
    const history = withInput({});
    const payload = JSONToPayload({ metadata: { encoding: base64('binary/encrypted') }, data: base64('secret') });
    Object.assign(history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {}, {
      input: { payloads: [payload] },
    });
    expect(problemWith(history)?.message).toContain('a payload that cannot be read');
  });

  test('outside of payloads, too', () => {
    const history = withInput({});
    Object.assign(history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {}, {
      workflowId: `orderSaga:${email}`,
    });
    expect(problemWith(history)?.message).toContain('an e-mail address at events[0]');
  });

  test.for([
    { email: 'ada@customer.example', from: 'Shop <shop@mail.shop.example>' },
    { phone: '+447700900123', other: '+12125550123' },
    { build: '@temporalio/worker@1.24.0+cd64d1e9', at: '2026-01-01T00:00:00Z', amount: 4111111111 },
  ])('but not for what is plainly made up: %j', (data) => {
    expect(problemWith(withInput(data))?.message).toBeUndefined();
  });

  /** The recorded start, with another input. */
  function withInput(data: unknown): History {
    const payload = JSONToPayload({ metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(data)) });
    const [first, ...others] = completed.history.events ?? [];
    const started = { ...first?.workflowExecutionStartedEventAttributes, input: { payloads: [payload] } };
    return { events: [{ ...first, workflowExecutionStartedEventAttributes: started }, ...others] };
  }
});

describe('a corpus', () => {
  test('that is empty is no corpus', async () => {
    await expect(readHistories(directory)).rejects.toThrow(NothingToReplay);
  });

  test('of real names is not committed: every history of it would be added today', async () => {
    for (const { name, history } of await readHistories(HISTORIES))
      expect(() => historyText(name, history)).not.toThrow();
  });
});

function problemWith(history: History): Error | undefined {
  try {
    historyText('again', history);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
