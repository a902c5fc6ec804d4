/**
 * A real OpenSearch, for the tests of its adapter alone: the jars of a release, one by one from Maven, laid out as its archive has
 * them. No stack has one.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheDirectory, installOnce } from './cache.ts';
import { fetchJars } from './downloads/jars.ts';
import { pinnedJar, type PinnedJar } from './downloads/pinned-jars.ts';
import { toStandardError, type Report } from './downloads/progress.ts';
import { reachableCache, unprivilegedUser, type User } from './unprivileged.ts';

const OPENSEARCH = '2.19.6';
const NAME = `opensearch-${OPENSEARCH}`;

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

interface Jar extends PinnedJar {
  /** `lib`, or the name of a module. */
  readonly folder: string;
}

/**
 * Gets it once into a cache that its user can enter. Needs Java 17 to 23 to run.
 *
 * @throws DownloadFailed, ChecksumWrong
 */
export async function installOpenSearch(cache = cacheDirectory(), report = toStandardError): Promise<OpenSearchTools> {
  const user = await unprivilegedUser();
  const where = await reachableCache(cache, user);
  const home = await installOnce(where, NAME, (staging) => build(staging, where, report));
  return { home, user };
}

async function build(staging: string, cache: string, report: Report): Promise<void> {
  const jars = await readJars();
  const downloads = join(staging, 'downloads');
  // It wants to see all of its folders, the empty ones too.
  for (const folder of new Set(['downloads', 'bin', 'plugins', ...jars.map(placeOf)]))
    await mkdir(join(staging, folder), { recursive: true });
  await fetchJars(jars, downloads, { what: `OpenSearch ${OPENSEARCH}`, cache, report });
  for (const jar of jars) {
    const file = basename(jar.path);
    await rename(join(downloads, file), join(staging, placeOf(jar), file));
  }
  for (const [name, plugin] of Object.entries(MODULES))
    await describeModule(join(staging, 'modules', name), name, plugin);
  await rm(downloads, { recursive: true });
}

const placeOf = ({ folder }: Jar): string => (folder === 'lib' ? 'lib' : join('modules', folder));

/** A line a jar: SHA-256, bytes, folder, Maven's coordinates. */
async function readJars(): Promise<readonly Jar[]> {
  const lines = (await readFile(join(import.meta.dirname, 'opensearch.jars'), 'utf8')).trim().split('\n');
  return lines.map((line) => {
    const [sha256 = '', bytes = '', folder = '', coordinates = ''] = line.split(/\s+/);
    return { ...pinnedJar(coordinates, Number(bytes), sha256), folder };
  });
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
