/** Recording and replay, as the repository of another application uses them. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  HistoriesDoNotFit,
  NothingToReplay,
  PersonalData,
  replay,
  sagaTests,
} from '../../../packages/sagaline/testing.ts';
import { events, giftCardSaga } from '../../support/second-app/sagas/gift-card.saga.ts';

const SECOND_APP = new URL('../../support/second-app/', import.meta.url);
const sagas = new URL('sagas/', SECOND_APP);
const histories = new URL('histories/', SECOND_APP);
/** Ignored by git, and inside the project, so that the copy finds its packages. */
const SCRATCH = resolve(import.meta.dirname, '../../../.sagaline');

const { given } = sagaTests(sagas);
const order = { cardId: 'g-1', amount: 500, currency: 'EUR' };

/** One name for all runs: bundles are kept by it. */
const directory = join(SCRATCH, 'kit-replay');
beforeAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
});
afterAll(() => rm(directory, { recursive: true }));

/** The second application's sagas, of which the file reads otherwise. As deep as they are, so that they find what they import. */
async function changed(name: string, edit: (source: string) => string): Promise<URL> {
  const folder = join(directory, name, 'sagas');
  await cp(sagas, folder, { recursive: true });
  const file = join(folder, 'gift-card.saga.ts');
  const source = await readFile(file, 'utf8');
  const edited = edit(source);
  expect(edited).not.toBe(source);
  await writeFile(file, edited.replaceAll(/'(?:\.\.\/)+(workflows|packages)\//g, `'${resolve(SCRATCH, '..')}/$1/`));
  return pathToFileURL(`${folder}/`);
}

describe('a history', () => {
  const folder = () => pathToFileURL(`${directory}/recorded/`);

  test('is recorded once, and left alone from then on', async () => {
    const issue = (cardId: string) =>
      given(giftCardSaga)
        .where('activation', (it) => it.succeeds({ code: 'A-1' }))
        .started({ ...order, cardId })
        .expectOutcome(events['gift-card.issued'])
        .recordedAs('giftCardSaga-issued', folder());
    await issue('g-1');
    await issue('g-2');
    expect(await readdir(folder())).toEqual(['giftCardSaga-issued.json']);
    expect(await readFile(new URL('giftCardSaga-issued.json', folder()), 'utf8')).toContain('"giftCardSaga:g-1"');
    expect(await replay(sagas, folder())).toMatchObject({ histories: ['giftCardSaga-issued'] });
  });

  test('of what may be a real person is not recorded', async () => {
    const real = given(giftCardSaga)
      .where('activation', (it) => it.succeeds({ code: 'somebody@gmail.com' }))
      .started({ ...order, cardId: 'g-real' })
      .expectOutcome(events['gift-card.issued'])
      .recordedAs('giftCardSaga-real', folder());
    await expect((async () => await real)()).rejects.toThrow(PersonalData);
  });
});

describe('replay', () => {
  test('of the histories that were recorded: they fit, to their end and as far as they had come', async () => {
    const { histories: names, replays } = await replay(sagas, histories);
    expect(names).toEqual(['giftCardSaga-issued', 'giftCardSaga-rejected']);
    expect(replays).toBeGreaterThan(names.length);
  });

  test('against a saga whose step has another name: which do not fit, where, and what to do', async () => {
    const renamed = await changed('renamed', (source) => source.replace("pivot('activation'", "pivot('start'"));
    const error: unknown = await replay(renamed, histories).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HistoriesDoNotFit);
    const lines = String(error).split('\n');
    expect(lines[0]).toContain('2 of 2 histories do not fit the sagas as they are now');
    expect(lines[1]).toMatch(
      /^ {2}giftCardSaga-issued: determinism violation at event \d+, ActivityTaskScheduled activation$/,
    );
    expect(String(error)).toContain("patched('<what changes>')");
  });

  test('against a saga that has another name, and one that throws: broken', async () => {
    const another = await changed('another', (source) => source.replaceAll('giftCardSaga', 'voucherSaga'));
    await expect(replay(another, histories)).rejects.toThrow(/giftCardSaga-issued: broken[^]*no saga of that name/);
    const throwing = await changed('throwing', (source) =>
      source.replace('const activated', "if (cardId) throw new TypeError('a bug'); const activated"),
    );
    await expect(replay(throwing, histories)).rejects.toThrow(/broken at .*gift-card\.saga\.ts:\d+\n {4}a bug/);
  });

  test('of a folder without a history is no check', async () => {
    await expect(replay(sagas, pathToFileURL(`${directory}/nothing/`))).rejects.toThrow(NothingToReplay);
  });
});
