/** `docker compose`, where the engine came without it: compiled from its Go module. */
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installOnce } from '../../stack/tools/cache.ts';
import { run } from '../../stack/tools/run.ts';
import { buildFlags, go, goEnvironment } from './payloads/go.ts';
import { requireAll } from './prerequisites.ts';

interface Plugin {
  /** As in `docker <name>`. */
  readonly name: string;
  readonly module: string;
  readonly command: string;
  readonly version: string;
  /** The variable that tells the version. */
  readonly versionVariable: string;
}

const plugins: readonly Plugin[] = [
  {
    name: 'compose',
    module: 'github.com/docker/compose/v2',
    command: 'github.com/docker/compose/v2/cmd',
    version: 'v2.40.3',
    versionVariable: 'github.com/docker/compose/v2/internal.Version',
  },
  {
    name: 'buildx',
    module: 'github.com/docker/buildx',
    command: 'github.com/docker/buildx/cmd/buildx',
    version: 'v0.29.1',
    versionVariable: 'github.com/docker/buildx/version.Version',
  },
];

/** Installs for this user the plugins that do not answer. Returns their names. */
export async function installPlugins(cache: string, report: (message: string) => void): Promise<string[]> {
  const installed: string[] = [];
  for (const plugin of plugins) {
    if (await answers(plugin)) continue;
    await requireAll([{ needs: [go] }]);
    report(`building docker ${plugin.name} ${plugin.version}`);
    const binary = await compile(cache, plugin);
    const directory = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'cli-plugins');
    await mkdir(directory, { recursive: true });
    const target = join(directory, `docker-${plugin.name}`);
    await copyFile(binary, target);
    await chmod(target, 0o755);
    installed.push(plugin.name);
  }
  return installed;
}

async function answers({ name }: Plugin): Promise<boolean> {
  return await run('docker', [name, 'version']).then(
    () => true,
    () => false,
  );
}

async function compile(cache: string, { name, module, command, version, versionVariable }: Plugin): Promise<string> {
  const binary = `docker-${name}`;
  const directory = await installOnce(cache, `${binary}-${version}`, async (staging) => {
    // Its go.mod replaces modules, which `go install` refuses: a module of our own requires it instead.
    const options = { cwd: staging, env: goEnvironment() };
    await run('go', ['mod', 'init', 'sagaline/stand-ins'], options);
    await run('go', ['get', `${module}@${version}`, `${command}@${version}`], options);
    await run('go', ['build', ...buildFlags(`-X ${versionVariable}=${version}`), '-o', binary, command], options);
  });
  return join(directory, binary);
}
