import { getContainerRuntimeClient, ImageName } from 'testcontainers';
import { imageOf } from '../../../stack/containers/images.ts';

/** Names the images of these repositories that the engine lacks; undefined when it has all. */
export async function imagesMissing(repositories: readonly string[]): Promise<string | undefined> {
  const engine = await getContainerRuntimeClient();
  const missing: string[] = [];
  for (const image of repositories.map(imageOf)) {
    if (!(await engine.image.exists(ImageName.fromString(image)))) missing.push(image);
  }
  return missing.length === 0 ? undefined : `the engine has no image ${missing.join(', ')}: npm run stand-ins`;
}
