/** One question over both places: what is in files, and what is in PostgreSQL alone. */
import type { ProjectionTransaction } from '../runtime/projection.ts';
import type { ArchivedRow } from './archived-row.ts';
import { dayOf, daysAfter, startOf } from './day.ts';
import { partPath, readManifest, segmentDays } from './segments/manifest.ts';
import { readPart, type RowFilter } from './segments/read-part.ts';
import { recordedDays, storedRows } from './stored-rows.ts';

/**
 * Rows in the order of their times, each once, a day at a time. Files are asked for what they have all of, PostgreSQL for the
 * rest, so it does not matter which of them has dropped what.
 *
 * @param directory undefined where no day leaves PostgreSQL
 */
export async function* readArchive(
  tx: Pick<ProjectionTransaction, 'query'>,
  directory: string | undefined,
  filter: RowFilter,
): AsyncGenerator<ArchivedRow> {
  const inFiles = directory === undefined ? [] : await segmentDays(directory);
  const days = new Set([...inFiles, ...(await recordedDays(tx)).map(({ day }) => day)]);
  for (const day of [...days].sort()) {
    if (filter.from !== undefined && day < dayOf(filter.from)) continue;
    if (filter.to !== undefined && startOf(day) >= filter.to) continue;
    yield* readDay(tx, directory, day, filter);
  }
}

async function* readDay(
  tx: Pick<ProjectionTransaction, 'query'>,
  directory: string | undefined,
  day: string,
  filter: RowFilter,
): AsyncGenerator<ArchivedRow> {
  const manifest = directory === undefined ? undefined : await readManifest(directory, day);
  const files = manifest?.parts.map((part) => readPart(partPath(directory ?? '', day, part), filter)) ?? [];
  const span = {
    from: Math.max(startOf(day), filter.from ?? -Infinity),
    to: Math.min(startOf(daysAfter(day)), filter.to ?? Infinity),
  };
  yield* mergeInOrder([
    ...files,
    storedRows(tx, { ...filter, ...span }, await rangesBeyond(tx, day, manifest?.upTo ?? [])),
  ]);
}

type Position = { readonly topic: string; readonly partition: number };

/** Every partition of which the day has rows, from where the files end. */
async function rangesBeyond(
  tx: Pick<ProjectionTransaction, 'query'>,
  day: string,
  upTo: readonly (Position & { readonly offset: string })[],
) {
  const positions = await tx.query<Position & { last: string }>(
    'SELECT "topic", "partition", "last_offset" AS "last" FROM "days" WHERE "day" = $1',
    [day],
  );
  return positions.map(({ topic, partition, last }) => ({
    ...{ topic, partition },
    from: upTo.find((one) => one.topic === topic && one.partition === partition)?.offset ?? '0',
    to: String(BigInt(last) + 1n),
  }));
}

/** Sequences that are each in order become one that is. */
async function* mergeInOrder(sources: readonly AsyncGenerator<ArchivedRow>[]): AsyncGenerator<ArchivedRow> {
  const heads = new Map<AsyncGenerator<ArchivedRow>, ArchivedRow>();
  const advance = async (source: AsyncGenerator<ArchivedRow>) => {
    const next = await source.next();
    if (next.done) heads.delete(source);
    else heads.set(source, next.value);
  };
  try {
    for (const source of sources) await advance(source);
    while (heads.size > 0) {
      const [source, row] = [...heads].reduce((least, one) => (comesBefore(one[1], least[1]) ? one : least));
      yield row;
      await advance(source);
    }
  } finally {
    for (const source of sources) await source.return(undefined);
  }
}

/** The order of the primary key. */
export function comesBefore(one: ArchivedRow, other: ArchivedRow): boolean {
  if (one.recordTime !== other.recordTime) return one.recordTime < other.recordTime;
  if (one.topic !== other.topic) return one.topic < other.topic;
  if (one.partition !== other.partition) return one.partition < other.partition;
  return BigInt(one.offset) < BigInt(other.offset);
}
