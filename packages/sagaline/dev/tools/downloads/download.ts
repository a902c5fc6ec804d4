import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ChecksumWrong, DownloadFailed } from './errors.ts';
import { get, HttpRefused } from './http.ts';
import type { Registry } from './registry.ts';

/** A file of the pinned lists. */
export interface Pinned {
  /** In hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** An address that has it, and the registry whose settings lead there. */
export interface Place {
  readonly url: URL;
  readonly registry: Registry;
}

/** A connection that breaks is tried again; the part that came is kept. */
const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Brings a file to `target`, where it appears whole and checked or not at all. What an interrupted run left beside it is
 * continued. Whoever calls it is the only one who does for this target.
 *
 * @throws DownloadFailed, ChecksumWrong
 */
export async function download(
  pinned: Pinned,
  place: Place,
  target: string,
  received: (bytes: number) => void = () => undefined,
): Promise<void> {
  if (await isWhole(target, pinned)) return received(pinned.bytes);
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  for (let tries = 1; ; tries++) {
    try {
      // What was there when we came counts once.
      await continuePart(part, place, pinned, received, tries === 1);
      break;
    } catch (error) {
      if (tries === TRIES || error instanceof HttpRefused) throw new DownloadFailed(place.url, error);
      await delay(PAUSE_MS * tries);
    }
  }
  const found = await sha256Of(part);
  if (found !== pinned.sha256) {
    await rm(part, { force: true });
    throw new ChecksumWrong(basename(target), place.url, pinned.sha256, found);
  }
  await rename(part, target);
}

/** True when the file is there and is the one that is meant. */
export async function isWhole(path: string, { sha256, bytes }: Pinned): Promise<boolean> {
  return (await sizeOf(path)) === bytes && (await sha256Of(path)) === sha256;
}

async function continuePart(
  part: string,
  { url, registry }: Place,
  { bytes }: Pinned,
  received: (bytes: number) => void,
  counts: boolean,
): Promise<void> {
  const there = await sizeOf(part);
  if (there === bytes) return received(counts ? bytes : 0);
  const resumed = there > 0 && there < bytes;
  const response = await get(url, registry, resumed ? { range: `bytes=${there}-` } : {});
  // Not every server continues: 200 is the whole file.
  const append = response.statusCode === 206;
  if (append && counts) received(there);
  response.on('data', (chunk: Buffer) => received(chunk.length));
  await pipeline(response, createWriteStream(part, { flags: append ? 'a' : 'w' }));
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
