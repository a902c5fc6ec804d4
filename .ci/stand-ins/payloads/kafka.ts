import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce } from '../../../packages/sagaline/dev/tools/cache.ts';
import type { Prerequisite } from '../../../packages/sagaline/dev/tools/prerequisites.ts';
import { run, versionOf } from '../../../packages/sagaline/dev/tools/run.ts';

const KAFKA = '4.1.1';
const LOG4J = '2.24.3';
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** The broker, its command line tools, and what it logs with. */
const ARTIFACTS = [
  ['org.apache.kafka', 'kafka_2.13', KAFKA],
  ['org.apache.kafka', 'kafka-tools', KAFKA],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J],
] as const;

export const KAFKA_LIBRARIES = ARTIFACTS.map((artifact) => artifact.join(':')).join(' ');

export const maven: Prerequisite = {
  name: 'Maven, and Java 17 or newer',
  neededFor: 'downloading Kafka with its tools',
  install: ['Debian, Ubuntu: apt-get install maven', 'macOS: brew install maven'],
  isPresent: async () => (await versionOf('mvn', ['-version'])) !== undefined,
};

/** Returns a folder of jars. Needs Java and Maven, the first time. */
export async function installKafkaLibraries(cache: string): Promise<string> {
  const directory = await installOnce(cache, `kafka-with-tools-${KAFKA}`, async (staging) => {
    await writeFile(join(staging, 'pom.xml'), pom());
    await run('mvn', ['-B', '-q', DEPENDENCY_PLUGIN, `-DoutputDirectory=${join(staging, 'libs')}`], { cwd: staging });
  });
  return join(directory, 'libs');
}

function pom(): string {
  const dependencies = ARTIFACTS.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sagaline</groupId>
  <artifactId>kafka-with-tools</artifactId>
  <version>1</version>
  <dependencies>
    ${dependencies.join('\n    ')}
  </dependencies>
</project>
`;
}
