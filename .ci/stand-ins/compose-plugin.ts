/** `docker compose`, where the engine came without it: compiled from its Go module. It brings its own image builder. */
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installOnce } from '../../packages/sagaline/dev/tools/cache.ts';
import { run } from '../../packages/sagaline/dev/tools/run.ts';
import { buildFlags, go, goEnvironment } from './payloads/go.ts';
import { requireAll } from './prerequisites.ts';

/** As named on the command line. */
export const COMPOSE = 'compose';

const VERSION = 'v2.40.3';
const MODULE = 'github.com/docker/compose/v2';
const FILE = 'docker-compose';

/** Installs it for this user, unless it answers already. Returns true if it did. */
export async function installComposePlugin(cache: string, report: (message: string) => void): Promise<boolean> {
  if (await answers()) return false;
  await requireAll([{ needs: [go] }]);
  report(`building docker compose ${VERSION}`);
  const binary = await compile(cache);
  const directory = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'cli-plugins');
  await mkdir(directory, { recursive: true });
  await copyFile(binary, join(directory, FILE));
  await chmod(join(directory, FILE), 0o755);
  return true;
}

async function answers(): Promise<boolean> {
  return await run('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
}

async function compile(cache: string): Promise<string> {
  const directory = await installOnce(cache, `${FILE}-${VERSION}`, async (staging) => {
    // Its go.mod excludes versions, which `go install` refuses: a module of our own requires it instead.
    const options = { cwd: staging, env: goEnvironment() };
    const linker = `-X ${MODULE}/internal.Version=${VERSION}`;
    await run('go', ['mod', 'init', 'sagaline/stand-ins'], options);
    await run('go', ['get', `${MODULE}@${VERSION}`, `${MODULE}/cmd@${VERSION}`], options);
    await run('go', ['build', ...buildFlags(linker), '-o', FILE, `${MODULE}/cmd`], options);
  });
  return join(directory, FILE);
}
