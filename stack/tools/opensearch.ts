/**
 * A real OpenSearch, for the tests of its adapter alone: the jars of a release, one by one from Maven, laid out as its archive has
 * them. No stack has one.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, installOnce, isInstalled } from './cache.ts';
import { maven, requirePresent } from './prerequisites.ts';
import { run } from './run.ts';
import { reachableCache, unprivilegedUser, type User } from './unprivileged.ts';

const OPENSEARCH = '2.19.6';
const NAME = `opensearch-${OPENSEARCH}`;
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** What an archive has as modules: HTTP, and `_delete_by_query`. By the folder that opensearch.jars names. */
const MODULES: Readonly<Record<string, string>> = {
  'transport-netty4': 'org.opensearch.transport.Netty4Plugin',
  reindex: 'org.opensearch.index.reindex.ReindexPlugin',
};

/** What the modules may do beside what every one may. */
const POLICY = `grant {
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.net.SocketPermission "*", "accept,connect,resolve";
  permission java.lang.RuntimePermission "setContextClassLoader";
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.util.PropertyPermission "*", "write";
};
`;

export interface OpenSearchTools {
  /** Directory with `lib` and `modules`. */
  readonly home: string;
  /** Who runs it, for it refuses to run as root; undefined: the user we are. */
  readonly user: User | undefined;
}

interface Jar {
  readonly sha256: string;
  /** `lib`, or the name of a module. */
  readonly folder: string;
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}

/**
 * Gets it once into a cache that its user can enter. Needs Maven, the first time; Java 17 to 23 to run.
 *
 * @throws MissingPrerequisites, CommandFailed when a jar cannot be had, WrongChecksum
 */
export async function installOpenSearch(cache = cacheDirectory()): Promise<OpenSearchTools> {
  const user = await unprivilegedUser();
  const where = await reachableCache(cache, user);
  if (!isInstalled(where, NAME)) await requirePresent([maven]);
  const home = await installOnce(where, NAME, build);
  return { home, user };
}

/** A jar is not the one that was tried. */
export class WrongChecksum extends Error {
  override readonly name = 'WrongChecksum';
}

async function build(staging: string): Promise<void> {
  const jars = await readJars();
  const downloads = join(staging, 'downloads');
  await writeFile(join(staging, 'pom.xml'), pomOf(jars));
  await run('mvn', ['-B', '-q', DEPENDENCY_PLUGIN, `-DoutputDirectory=${downloads}`], { cwd: staging });
  // It wants to see all of its folders, the empty ones too.
  for (const folder of new Set(['bin', 'plugins', ...jars.map(placeOf)]))
    await mkdir(join(staging, folder), { recursive: true });
  for (const jar of jars) {
    const file = `${jar.artifact}-${jar.version}.jar`;
    const found = createHash('sha256')
      .update(await readFile(join(downloads, file)))
      .digest('hex');
    if (found !== jar.sha256)
      throw new WrongChecksum(`${file} has SHA-256 ${found}, not ${jar.sha256} (opensearch.jars)`);
    await rename(join(downloads, file), join(staging, placeOf(jar), file));
  }
  for (const [name, plugin] of Object.entries(MODULES))
    await describeModule(join(staging, 'modules', name), name, plugin);
  await rm(downloads, { recursive: true });
}

const placeOf = ({ folder }: Jar): string => (folder === 'lib' ? 'lib' : join('modules', folder));

/** A line a jar: SHA-256, folder, Maven's coordinates. */
async function readJars(): Promise<readonly Jar[]> {
  const lines = (await readFile(join(import.meta.dirname, 'opensearch.jars'), 'utf8')).trim().split('\n');
  return lines.map((line) => {
    const [sha256 = '', folder = '', coordinates = ''] = line.split(/\s+/);
    const [group = '', artifact = '', version = ''] = coordinates.split(':');
    return { sha256, folder, group, artifact, version };
  });
}

/** Exactly these jars: what they depend on is in the list, too, where it is needed. */
function pomOf(jars: readonly Jar[]): string {
  const alone = '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>';
  const dependencies = jars.map(
    ({ group, artifact, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${alone}</dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sagaline</groupId>
  <artifactId>opensearch</artifactId>
  <version>1</version>
  <dependencies>
    ${dependencies.join('\n    ')}
  </dependencies>
</project>
`;
}

async function describeModule(directory: string, name: string, plugin: string): Promise<void> {
  const descriptor = {
    description: name,
    name,
    classname: plugin,
    version: OPENSEARCH,
    'opensearch.version': OPENSEARCH,
    'java.version': 11,
    'has.native.controller': false,
  };
  const lines = Object.entries(descriptor).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(join(directory, 'plugin-descriptor.properties'), lines.join(''));
  await writeFile(join(directory, 'plugin-security.policy'), POLICY);
}
