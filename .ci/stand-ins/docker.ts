/** The `docker` command, as the stand-ins use it. */
import { run } from '../../packages/sagaline/dev/tools/run.ts';

/** Carries the hash of the recipe that an image was made from; an image without it is none of ours. */
export const RECIPE_LABEL = 'sagaline.stand-in';

/** Everything that an image is built from besides its context. */
export interface Build {
  readonly tag: string;
  readonly recipe: string;
  /** Folder with the Dockerfile. */
  readonly context: string;
}

/** What the engine has under a tag: nothing, one of ours with its recipe's hash, or somebody else's (an official image). */
export type Found =
  { readonly kind: 'none' } | { readonly kind: 'ours'; readonly recipe: string } | { readonly kind: 'other' };

export async function findImage(tag: string): Promise<Found> {
  const label = `{{with .Config.Labels}}{{index . "${RECIPE_LABEL}"}}{{end}}`;
  // Fails only if there is no such image: that the engine answers was asked before.
  const recipe = await run('docker', ['image', 'inspect', '--format', label, tag]).catch(() => undefined);
  if (recipe === undefined) return { kind: 'none' };
  return recipe === '' ? { kind: 'other' } : { kind: 'ours', recipe };
}

/** Size in bytes. */
export async function sizeOf(tag: string): Promise<number> {
  return Number(await run('docker', ['image', 'inspect', '--format', '{{.Size}}', tag]));
}

/**
 * With the engine's own builder, which needs no plugin. Packages are fetched by the network and the proxy of this machine,
 * because a container's own may be cut off from it.
 */
export async function buildImage({ tag, recipe, context }: Build): Promise<void> {
  const proxies = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  const args = proxies.filter((name) => process.env[name]).flatMap((name) => ['--build-arg', name]);
  await run(
    'docker',
    [
      'build',
      '--quiet',
      '--force-rm',
      '--network=host',
      ...args,
      '--label',
      `${RECIPE_LABEL}=${recipe}`,
      '-t',
      tag,
      context,
    ],
    { env: { ...process.env, DOCKER_BUILDKIT: '0' } },
  );
}

/** Makes an image of a file system in a tar archive. */
export async function importImage(archive: string, tag: string, recipe: string): Promise<void> {
  const changes = ['CMD ["bash"]', `LABEL ${RECIPE_LABEL}=${recipe}`].flatMap((change) => ['--change', change]);
  await run('docker', ['import', ...changes, archive, tag]);
}
