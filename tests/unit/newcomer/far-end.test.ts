import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  startPracticeFarEnd,
  type PracticeFarEnd,
  type PracticeFarEndOptions,
} from '../../../packages/sagaline/bin/dev/far-end.ts';

const open: PracticeFarEnd[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((farEnd) => farEnd.close()));
});

async function aFarEnd(options?: PracticeFarEndOptions) {
  const farEnd = await startPracticeFarEnd(options);
  open.push(farEnd);
  return async (method: string, path: string, body?: object | string) => {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const response = await fetch(`${farEnd.url}${path}`, { method, ...(text === undefined ? {} : { body: text }) });
    const answer = await response.text();
    return { status: response.status, body: answer === '' ? undefined : (JSON.parse(answer) as unknown) };
  };
}

const room = { house: 'lakeview', nights: 2 };
const PATH = '/rooms/bookingSaga%3Ab-1%2Froom';

test('makes a thing once for its key, and finds it', async () => {
  const ask = await aFarEnd();
  expect(await ask('GET', PATH)).toMatchObject({ status: 404 });
  expect(await ask('PUT', PATH, room)).toEqual({ status: 201, body: room });
  expect(await ask('PUT', PATH, { nights: 2, house: 'lakeview' })).toMatchObject({ status: 200 });
  expect(await ask('PUT', PATH, { ...room, nights: 3 })).toMatchObject({ status: 409 });
  expect(await ask('GET', PATH)).toEqual({ status: 200, body: room });
  expect(await ask('GET', '/')).toEqual({
    status: 200,
    body: { '/rooms/bookingSaga:b-1/room': { state: 'there', body: room } },
  });
});

test('takes it back for good, also what never was', async () => {
  const ask = await aFarEnd();
  await ask('PUT', PATH, room);
  for (const path of [PATH, PATH, '/rooms/never']) {
    expect(await ask('DELETE', path)).toEqual({ status: 204, body: undefined });
    expect(await ask('GET', path)).toMatchObject({ status: 404 });
    expect(await ask('PUT', path, room)).toMatchObject({ status: 410 });
  }
});

test('refuses whatever says so, with its reason, and keeps nothing of it', async () => {
  const ask = await aFarEnd();
  expect(await ask('PUT', PATH, { ...room, card: 'refuse: expired' })).toEqual({
    status: 422,
    body: { reason: 'expired' },
  });
  expect(await ask('PUT', PATH, room)).toMatchObject({ status: 201 });
});

test('says what it does not understand', async () => {
  const ask = await aFarEnd();
  expect(await ask('PUT', PATH, '{')).toMatchObject({ status: 400 });
  expect(await ask('PUT', '/rooms', room)).toMatchObject({ status: 404 });
  expect(await ask('POST', PATH, room)).toMatchObject({ status: 405 });
  expect(await ask('PUT', PATH, 'x'.repeat(65 * 1024)).catch(() => ({ status: 413 }))).toMatchObject({ status: 413 });
});

test('knows after a restart what it was told before', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'far-end-'));
  try {
    const file = join(directory, 'sandbox', 'far-end.json');
    const before = await aFarEnd({ file });
    await before('PUT', PATH, room);
    await before('DELETE', '/rooms/never');
    const after = await aFarEnd({ file });
    expect(await after('GET', PATH)).toEqual({ status: 200, body: room });
    expect(await after('PUT', '/rooms/never', room)).toMatchObject({ status: 410 });
  } finally {
    await rm(directory, { recursive: true });
  }
});
