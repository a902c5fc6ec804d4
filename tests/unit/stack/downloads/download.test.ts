import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download } from '../../../../packages/sagaline/dev/tools/downloads/download.ts';
import type { Registry } from '../../../../packages/sagaline/dev/tools/downloads/registry.ts';
import { registryAt } from '../../../../packages/sagaline/dev/tools/downloads/registry.ts';
import { startRegistry } from './registry-server.ts';

const CONTENT = Buffer.from('a server, whole and in order'.repeat(1_000));
const pinned = { bytes: CONTENT.length, sha256: createHash('sha256').update(CONTENT).digest('hex') };

let directory: string;
let target: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sagaline-download-'));
  target = join(directory, 'server.jar');
});
afterEach(() => rm(directory, { recursive: true }));

const placeAt = (registry: Registry) => ({ url: new URL('server.jar', registry.url), registry });
const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it went well',
    (error: unknown) => String(error),
  );

describe('a download', () => {
  it('is there whole, with its progress told', async () => {
    await using server = await startRegistry(() => CONTENT);
    let received = 0;
    await download(pinned, placeAt(server.registry), target, (bytes) => (received += bytes));
    expect(await readFile(target)).toEqual(CONTENT);
    expect(await readdir(directory)).toEqual(['server.jar']);
    expect(received).toBe(pinned.bytes);
  });

  it('is not asked for again when it is there', async () => {
    await using server = await startRegistry(() => CONTENT);
    await download(pinned, placeAt(server.registry), target);
    await download(pinned, placeAt(server.registry), target);
    expect(server.requests).toHaveLength(1);
  });

  it('goes on where an earlier run stopped', async () => {
    await using server = await startRegistry(() => CONTENT);
    await writeFile(`${target}.part`, CONTENT.subarray(0, 1_000));
    let received = 0;
    await download(pinned, placeAt(server.registry), target, (bytes) => (received += bytes));
    expect(server.requests).toEqual([{ path: '/server.jar', range: 'bytes=1000-' }]);
    expect(await readFile(target)).toEqual(CONTENT);
    expect(received).toBe(pinned.bytes);
  });

  it('begins anew at a server that cannot go on', async () => {
    await using server = await startRegistry((_path, _request, response) => {
      response.writeHead(200).end(CONTENT);
      return undefined;
    });
    await writeFile(`${target}.part`, 'something else');
    await download(pinned, placeAt(server.registry), target);
    expect(await readFile(target)).toEqual(CONTENT);
  });

  it('survives a connection that breaks in the middle', async () => {
    let breaks = 1;
    await using server = await startRegistry((_path, _request, response) => {
      if (breaks-- <= 0) return CONTENT;
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 5_000), () => response.destroy());
      return undefined;
    });
    await download(pinned, placeAt(server.registry), target);
    // How much of it had reached the disk is the network's business.
    expect(server.requests).toHaveLength(2);
    expect(await readFile(target)).toEqual(CONTENT);
  });

  it('that is another file is thrown away, and both checksums are named', async () => {
    await using server = await startRegistry(() => 'x'.repeat(CONTENT.length));
    const message = await messageOf(download(pinned, placeAt(server.registry), target));
    expect(message).toContain('server.jar from http://127.0.0.1');
    expect(message).toContain(pinned.sha256);
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([
    [404, 'index-url of pip.conf'],
    [401, 'Give name and password'],
  ])('that is answered %i is not repeated, and the message says what to do', async (status, advice) => {
    await using server = await startRegistry((_path, _request, response) => {
      response.writeHead(status).end();
      return undefined;
    });
    const message = await messageOf(download(pinned, placeAt(server.registry), target));
    expect(message).toContain(`the server answered ${status}`);
    expect(message).toContain(advice);
    expect(server.requests).toHaveLength(1);
  });

  it('without a network says so, and that the same command goes on', async () => {
    const server = await startRegistry(() => CONTENT);
    await server[Symbol.asyncDispose]();
    const message = await messageOf(download(pinned, placeAt(server.registry), target));
    expect(message).toContain('there is no way to that server from here (ECONNREFUSED)');
    expect(message).toContain('HTTPS_PROXY');
    expect(message).toContain('run the same command again');
  });

  it('sends name and password of the registry to nobody else', async () => {
    await using elsewhere = await startRegistry(() => CONTENT);
    await using server = await startRegistry((_path, _request, response) => {
      response.writeHead(302, { location: new URL('server.jar', elsewhere.registry.url).href }).end();
      return undefined;
    });
    const url = new URL(server.registry.url);
    url.username = 'me';
    url.password = 'p@ss';
    await download(pinned, placeAt(registryAt(url.href)), target);
    expect(server.requests[0]?.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    expect(elsewhere.requests).toEqual([{ path: '/server.jar' }]);
  });

  it('goes through the proxy of its registry', async () => {
    await using proxy = await startRegistry(() => CONTENT);
    const registry = registryAt('http://registry.example/', { proxy: proxy.registry.url });
    await download(pinned, placeAt(registry), target);
    expect(proxy.requests).toEqual([{ path: 'http://registry.example/server.jar' }]);
  });
});
