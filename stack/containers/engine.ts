/** The container engine that Testcontainers finds (DOCKER_HOST, or the usual sockets), and whether it has what we need. */
import { getContainerRuntimeClient, getReaper, ImageName, type ContainerRuntimeClient } from 'testcontainers';
import { imageOf } from './images.ts';

export type Engine = ContainerRuntimeClient;

/** No engine answers, or an image is neither there nor to be had. */
export class NoContainers extends Error {
  override readonly name = 'NoContainers';
}

/** Images of the ephemeral stack. */
export const IMAGES = {
  postgres: imageOf('postgres'),
  kafka: imageOf('apache/kafka'),
  temporal: imageOf('temporalio/temporal'),
} as const;
const REAPER = imageOf('testcontainers/ryuk');

/** @throws NoContainers, saying what to do */
export async function openEngine(): Promise<Engine> {
  const engine = await getContainerRuntimeClient().catch((error: unknown) => {
    throw new NoContainers('no container engine answers: start Docker, or set DOCKER_HOST', { cause: error });
  });
  for (const image of Object.values(IMAGES)) await requireImage(engine, image);
  await chooseReaper(engine);
  return engine;
}

async function requireImage(engine: Engine, image: string): Promise<void> {
  if (await has(engine, image)) return;
  throw new NoContainers(
    `the engine has no image ${image} and cannot pull it: get it, or build its stand-in with npm run stand-ins -- ci`,
  );
}

/** Testcontainers' reaper removes what a killed process left behind. Ours does, too, so it can be done without. */
async function chooseReaper(engine: Engine): Promise<void> {
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= String(!(await has(engine, REAPER)));
  // Now, because several containers that start at once would each bring one.
  await getReaper(engine);
}

async function has(engine: Engine, image: string): Promise<boolean> {
  const name = ImageName.fromString(image);
  try {
    if (!(await engine.image.exists(name))) await engine.image.pull(name);
    return await engine.image.exists(name);
  } catch {
    return false;
  }
}
