/** Gets every server that runs without Docker, once per pinned version, into a cache that checkouts share. */
import { cacheDirectory } from './cache.ts';
import { thisPlatform } from './downloads/pinned-wheels.ts';
import { toStandardError, type Report } from './downloads/progress.ts';
import { installJava, javaFor } from './java.ts';
import { installKafka, type KafkaTools } from './kafka.ts';
import { installPostgres, postgres, type PostgresTools } from './postgres.ts';
import { missingOf, requirePresent, type Prerequisite } from './prerequisites.ts';
import { installTemporal, temporalFor, type TemporalTools } from './temporal.ts';

export interface Tools {
  readonly temporal: TemporalTools;
  readonly kafka: KafkaTools;
  /** Path of the `java` that runs Kafka. */
  readonly java: string;
  readonly postgres: PostgresTools;
}

export interface ToolsOptions {
  /** Defaults to $SAGALINE_CACHE, $XDG_CACHE_HOME/sagaline or ~/.cache/sagaline. */
  readonly cache?: string;
  /** Told about what takes a while; standard error if nobody else wants to know. */
  readonly report?: Report;
  /** Defaults to this machine's. */
  readonly platform?: string;
}

/** @throws MissingPrerequisites naming everything that has to be installed first; DownloadFailed, ChecksumWrong, NotInIndex */
export async function ensureTools({
  cache = cacheDirectory(),
  report = toStandardError,
  platform = thisPlatform(),
}: ToolsOptions = {}): Promise<Tools> {
  await requirePresent(prerequisitesOf(cache, platform));
  const tell = once(`getting the servers, once, into ${cache}`, report);
  const [temporal, kafka, java, database] = await Promise.all([
    installTemporal(cache, tell),
    installKafka(cache, tell),
    installJava(cache, tell),
    installPostgres(cache),
  ]);
  return { temporal, kafka, java, postgres: database };
}

/** What must be on this machine before `ensureTools`, and is not. */
export const missingTools = (cache: string = cacheDirectory()): Promise<readonly Prerequisite[]> =>
  missingOf(prerequisitesOf(cache, thisPlatform()));

const prerequisitesOf = (cache: string, platform: string): readonly Prerequisite[] => [
  javaFor(platform),
  postgres,
  temporalFor(cache, platform),
];

/** Only the Temporal binaries: enough for tests with the time-skipping server. @throws as ensureTools */
export async function ensureTemporal({
  cache = cacheDirectory(),
  report = toStandardError,
  platform = thisPlatform(),
}: ToolsOptions = {}): Promise<TemporalTools> {
  await requirePresent([temporalFor(cache, platform)]);
  return await installTemporal(cache, once(`getting Temporal, once, into ${cache}`, report));
}

/** Says `first` before the first line, if there is one. */
function once(first: string, report: Report): Report {
  let said = false;
  return (message) => {
    if (!said) report(first);
    said = true;
    report(message);
  };
}
