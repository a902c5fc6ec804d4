/** Gets every server that runs without Docker, once per pinned version, into a cache that checkouts share. */
import { cacheDirectory } from './cache.ts';
import { installKafka, kafkaIsInstalled, type KafkaTools } from './kafka.ts';
import { installPostgres, postgres, type PostgresTools } from './postgres.ts';
import { java, maven, missingOf, python, requirePresent, type Prerequisite } from './prerequisites.ts';
import { installTemporal, temporalIsInstalled, type TemporalTools } from './temporal.ts';

export interface Tools {
  readonly temporal: TemporalTools;
  readonly kafka: KafkaTools;
  readonly postgres: PostgresTools;
}

export interface ToolsOptions {
  /** Defaults to $SAGALINE_CACHE, $XDG_CACHE_HOME/sagaline or ~/.cache/sagaline. */
  readonly cache?: string;
  /** Told about what takes a while. */
  readonly report?: (message: string) => void;
}

/** @throws MissingPrerequisites naming everything that has to be installed first */
export async function ensureTools({ cache = cacheDirectory(), report }: ToolsOptions = {}): Promise<Tools> {
  await requirePresent(prerequisitesOf(cache));
  if (!temporalIsInstalled(cache) || !kafkaIsInstalled(cache)) report?.(`getting the servers, once, into ${cache}`);
  const [temporal, kafka, database] = await Promise.all([
    installTemporal(cache),
    installKafka(cache),
    installPostgres(cache),
  ]);
  return { temporal, kafka, postgres: database };
}

/** What must be on this machine before `ensureTools`, and is not. */
export const missingTools = (cache: string = cacheDirectory()): Promise<readonly Prerequisite[]> =>
  missingOf(prerequisitesOf(cache));

function prerequisitesOf(cache: string): readonly Prerequisite[] {
  const [withTemporal, withKafka] = [temporalIsInstalled(cache), kafkaIsInstalled(cache)];
  return [java, postgres, ...(withKafka ? [] : [maven]), ...(withTemporal ? [] : [python])];
}

/** Only the Temporal binaries: enough for tests with the time-skipping server. @throws MissingPrerequisites */
export async function ensureTemporal({ cache = cacheDirectory() }: ToolsOptions = {}): Promise<TemporalTools> {
  if (!temporalIsInstalled(cache)) await requirePresent([python]);
  return await installTemporal(cache);
}
