import { readFileSync } from 'node:fs';
import { z } from 'zod';

const FILE = new URL('../../containers/images.json', import.meta.url);

/** The pinned image of a repository, such as `apache/kafka`: containers/images.json names every image once. */
export function imageOf(repository: string): string {
  const images = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(FILE, 'utf8')));
  const image = Object.values(images).find((candidate) => candidate.startsWith(`${repository}:`));
  if (!image) throw new Error(`containers/images.json has no image of ${repository}`);
  return image;
}
