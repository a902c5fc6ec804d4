import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce } from './cache.ts';
import { fetchJars } from './downloads/jars.ts';
import { KAFKA, KAFKA_JARS } from './downloads/pinned-jars.ts';
import { toStandardError, type Report } from './downloads/progress.ts';
import { LOG_SETTINGS } from './log4j.ts';

const KAFKA_LOG_SETTINGS = `${LOG_SETTINGS}logger.startup.name = kafka.server.KafkaRaftServer
logger.startup.level = info
`;

export interface KafkaTools {
  /** Class path for `java -cp`. */
  readonly classPath: string;
  /** log4j2 settings: warnings and worse to the standard output. */
  readonly logSettings: string;
}

/** Downloads it, the first time. */
export async function installKafka(cache: string, report: Report = toStandardError): Promise<KafkaTools> {
  const directory = await installOnce(cache, `kafka-${KAFKA}`, async (staging) => {
    await writeFile(join(staging, 'log4j2.properties'), KAFKA_LOG_SETTINGS);
    await mkdir(join(staging, 'libs'));
    await fetchJars(KAFKA_JARS, join(staging, 'libs'), { what: `Kafka ${KAFKA}`, cache, report });
  });
  return { classPath: join(directory, 'libs', '*'), logSettings: join(directory, 'log4j2.properties') };
}
