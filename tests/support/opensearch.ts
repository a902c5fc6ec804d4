/** A real OpenSearch for one test file. */
import { openSearchServer } from '../../packages/sagaline/dev/native/opensearch.ts';
import { startServer } from '../../packages/sagaline/dev/native/server.ts';
import { createTemporaryDirectory } from '../../packages/sagaline/dev/temporary.ts';
import { installOpenSearch, type OpenSearchTools } from '../../packages/sagaline/dev/tools/opensearch.ts';
import { cacheDirectory } from '../../packages/sagaline/dev/tools/cache.ts';
import { DownloadFailed } from '../../packages/sagaline/dev/tools/downloads/errors.ts';
import { installJava } from '../../packages/sagaline/dev/tools/java.ts';
import { versionOf } from '../../packages/sagaline/dev/tools/run.ts';

export interface OpenSearch {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Where it cannot be had: no way to Maven's repository, another Java. Everything else that goes wrong is a failure. */
export interface NoOpenSearch {
  readonly missing: string;
}

/** @throws ChecksumWrong, ServerFailed */
export async function startOpenSearch(): Promise<OpenSearch | NoOpenSearch> {
  const java = await installJava(cacheDirectory());
  const tools = await findOpenSearch(java);
  if ('missing' in tools) {
    process.stderr.write(`\n*** OpenSearch tests SKIPPED: ${tools.missing} ***\n\n`);
    return tools;
  }
  const { directory, remove } = await createTemporaryDirectory('opensearch');
  try {
    const server = await openSearchServer(tools, java, directory);
    await startServer(server, directory);
    return { url: server.url, stop: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function findOpenSearch(command: string): Promise<OpenSearchTools | NoOpenSearch> {
  const java = Number.parseInt((await versionOf(command, ['-version'])) ?? '0', 10);
  if (java < 17 || java > 23) return { missing: `OpenSearch 2.19 runs on Java 17 to 23, here is ${java || 'none'}` };
  try {
    return await installOpenSearch();
  } catch (error) {
    if (error instanceof DownloadFailed) return { missing: error.message };
    throw error;
  }
}
