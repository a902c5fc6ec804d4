/** What is compiled from Go modules, each module with exactly the dependencies that it was released with. */
import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { z } from 'zod';
import { installOnce } from '../../../packages/sagaline/dev/tools/cache.ts';
import type { Prerequisite } from '../../../packages/sagaline/dev/tools/prerequisites.ts';
import { run, versionOf } from '../../../packages/sagaline/dev/tools/run.ts';

const SERVER_VERSION = '1.32.0';
const UI_VERSION = '2.54.1';
const SERVER_MODULE = 'go.temporal.io/server';
const UI_MODULE = 'github.com/temporalio/ui-server/v2';
export const TEMPORAL_SERVER = `${SERVER_MODULE}@v${SERVER_VERSION}`;
export const TEMPORAL_UI = `${UI_MODULE}@v${UI_VERSION}`;

// The compiler uses every core by itself.
const oneAtATime = pLimit(1);

export const go: Prerequisite = {
  name: 'Go 1.21 or newer',
  neededFor: 'the Temporal server, its tools and its UI, and docker compose',
  install: ['https://go.dev/doc/install (Debian 12 has an older one)'],
  async isPresent() {
    const [major = 0, minor = 0] = ((await versionOf('go', ['version'])) ?? '').split('.').map(Number);
    return major > 1 || (major === 1 && minor >= 21);
  },
};

/** Static, so that it runs in any image. */
export const goEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, CGO_ENABLED: '0' });
export const buildFlags = (...linker: readonly string[]): string[] => [
  '-trimpath',
  `-ldflags=${['-s', '-w', ...linker].join(' ')}`,
];

export async function installTemporalServer(
  cache: string,
): Promise<{ server: string; sqlTool: string; schema: string }> {
  const directory = await installOnce(cache, `temporal-server-${SERVER_VERSION}`, async (staging) => {
    await goInstall(`${SERVER_MODULE}/cmd/server@v${SERVER_VERSION}`, staging, 'temporal-server');
    await goInstall(`${SERVER_MODULE}/cmd/tools/sql@v${SERVER_VERSION}`, staging, 'temporal-sql-tool');
    await cp(join(await moduleDirectory(TEMPORAL_SERVER), 'schema'), join(staging, 'schema'), {
      recursive: true,
      filter: (path) => !path.endsWith('.go'),
    });
    // Go keeps its modules write-protected, folders included.
    await run('chmod', ['-R', 'u+w', join(staging, 'schema')]);
  });
  const path = (name: string) => join(directory, name);
  return { server: path('temporal-server'), sqlTool: path('temporal-sql-tool'), schema: path('schema') };
}

export async function installTemporalUi(cache: string): Promise<{ server: string; config: string }> {
  const directory = await installOnce(cache, `temporal-ui-${UI_VERSION}`, async (staging) => {
    await goInstall(`${UI_MODULE}/cmd/server@v${UI_VERSION}`, staging, 'ui-server');
    await run('install', ['-m', '644', join(await moduleDirectory(TEMPORAL_UI), 'config', 'docker.yaml'), staging]);
  });
  return { server: join(directory, 'ui-server'), config: join(directory, 'docker.yaml') };
}

/** Compiles one command of a released module into `staging`. */
async function goInstall(command: string, staging: string, name: string): Promise<void> {
  const env = { ...goEnvironment(), GOBIN: join(staging, 'go-bin') };
  await oneAtATime(() => run('go', ['install', ...buildFlags(), command], { cwd: staging, env }));
  const binary = command.replace(/@.*/, '').split('/').at(-1) ?? '';
  await rename(join(staging, 'go-bin', binary), join(staging, name));
}

async function moduleDirectory(module: string): Promise<string> {
  const said = await run('go', ['mod', 'download', '-json', module]);
  // What it says about downloads comes before or after.
  const answer = JSON.parse(said.slice(said.indexOf('{'), said.lastIndexOf('}') + 1)) as unknown;
  return z.object({ Dir: z.string() }).parse(answer).Dir;
}
