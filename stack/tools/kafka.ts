import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce, isInstalled } from './cache.ts';
import { run } from './run.ts';

const KAFKA = '4.1.1';
const NAME = `kafka-${KAFKA}`;
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

// Kafka logs through slf4j 1.7; without a binding nobody would ever see why a broker did not start.
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sagaline</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
  </dependencies>
</project>
`;

const LOG_SETTINGS = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.startup.name = kafka.server.KafkaRaftServer
logger.startup.level = info
`;

export interface KafkaTools {
  /** Class path for `java -cp`. */
  readonly classPath: string;
  /** log4j2 settings: warnings and worse to the standard output. */
  readonly logSettings: string;
}

export const kafkaIsInstalled = (cache: string): boolean => isInstalled(cache, NAME);

/** Needs Java and Maven, the first time. */
export async function installKafka(cache: string): Promise<KafkaTools> {
  const directory = await installOnce(cache, NAME, async (staging) => {
    await writeFile(join(staging, 'pom.xml'), POM);
    await writeFile(join(staging, 'log4j2.properties'), LOG_SETTINGS);
    await run('mvn', ['-B', '-q', DEPENDENCY_PLUGIN, `-DoutputDirectory=${join(staging, 'libs')}`], { cwd: staging });
  });
  return { classPath: join(directory, 'libs', '*'), logSettings: join(directory, 'log4j2.properties') };
}
