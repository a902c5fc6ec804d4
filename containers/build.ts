/**
 * Builds the two images by docker compose, in the way in which this machine reaches its package registry: by itself, or,
 * where npm is told of a proxy or a CA, over the machine's own network, with npm's configuration and that CA as secrets.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from 'sagaline/dev';

const ROOT = resolve(import.meta.dirname, '..');
const BEHIND_PROXY = join(ROOT, 'containers/compose/build-behind-proxy.yml');
const SIGNS = ['NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'https_proxy', 'SAGALINE_BUILD_CA', 'SAGALINE_BUILD_NPMRC'];

/** @throws CommandFailed with the end of the build's output */
export async function buildImages(environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const behindProxy = SIGNS.some((name) => environment[name]);
  const npmrc = environment['NPM_CONFIG_USERCONFIG'] ?? join(homedir(), '.npmrc');
  const files = ['docker-compose.yml', ...(behindProxy ? [BEHIND_PROXY] : [])].flatMap((file) => ['--file', file]);
  await run('docker', ['compose', ...files, 'build', 'gateway', 'sandbox'], {
    cwd: ROOT,
    env: {
      SAGALINE_BUILD_CA: environment['NODE_EXTRA_CA_CERTS'],
      SAGALINE_BUILD_NPMRC: existsSync(npmrc) ? npmrc : undefined,
      ...environment,
    },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await buildImages();
    process.stdout.write('built the images of gateway, worker and sandbox\n');
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
