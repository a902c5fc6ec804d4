import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_SETTINGS } from '../tools/log4j.ts';
import type { OpenSearchTools } from '../tools/opensearch.ts';
import { freePort } from './ports.ts';
import type { ServerSpec } from './server.ts';

/** Small and quick to start; its security manager went away with Java 24. */
const JVM = [
  ...['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
  ...['-Djava.security.manager=allow', '-Dlog4j2.disable.jmx=true', '-Djava.locale.providers=SPI,COMPAT'],
];

export interface OpenSearchServer extends ServerSpec {
  readonly url: string;
}

/**
 * One node on a free port, which keeps what it has below the state directory.
 *
 * @param java path of a Java from 17 to 23
 */
export async function openSearchServer(
  { home, user }: OpenSearchTools,
  java: string,
  stateDirectory: string,
): Promise<OpenSearchServer> {
  const directory = join(stateDirectory, 'opensearch');
  const own = (name: string): string => join(directory, name);
  for (const path of ['config', 'data', 'logs', 'tmp'].map(own)) {
    await mkdir(path, { recursive: true });
    if (user) await chown(path, user.uid, user.gid);
  }
  const port = await freePort();
  const settings = {
    'cluster.name': 'sagaline',
    'node.name': 'only',
    'discovery.type': 'single-node',
    'network.host': '127.0.0.1',
    'http.port': port,
    'transport.port': await freePort(),
    'path.data': own('data'),
    'path.logs': own('logs'),
    'node.processors': 2,
    // A disk that is nearly full is somebody else's business.
    'cluster.routing.allocation.disk.threshold_enabled': false,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  await writeFile(own('config/opensearch.yml'), lines.join(''));
  await writeFile(own('config/log4j2.properties'), LOG_SETTINGS);
  const properties = {
    'opensearch.path.home': home,
    'opensearch.path.conf': own('config'),
    'java.io.tmpdir': own('tmp'),
  };
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    name: 'opensearch',
    command: java,
    args: [
      ...JVM,
      ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
      ...['-cp', join(home, 'lib', '*'), 'org.opensearch.bootstrap.OpenSearch'],
    ],
    user,
    answers: async (timeoutMs) => {
      const { status } = await fetch(`${url}/_cluster/health?wait_for_status=green&timeout=1s`, {
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (status !== 200) throw new Error(`OpenSearch answers ${status}`);
    },
  };
}
