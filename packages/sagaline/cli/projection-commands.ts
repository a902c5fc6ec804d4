import type { Command } from 'commander';
import { parseFrom } from '../kafka/range.ts';
import { loadReplaySeal } from '../replay/replay-seal.ts';
import { createProjections } from '../pipeline/projections.ts';
import { lineOf, type Progress } from '../pipeline/rebuild/progress.ts';
import { rebuildProjection } from '../pipeline/rebuild/rebuild-projection.ts';
import { beginAgain } from '../pipeline/runtime/lives.ts';
import { positionKey, readPlaces, type StoredPlace } from '../pipeline/runtime/offsets.ts';
import { schemaOf, type Projection } from '../pipeline/runtime/projection.ts';
import { readEvent } from '../pipeline/runtime/recorded-event.ts';
import { storedVersion, upgradeSchema, versionOf } from '../pipeline/runtime/schema.ts';
import { countSetAside, listSetAside } from '../pipeline/runtime/set-aside.ts';
import { print, report, type CliWorld, type WithWorld } from './world.ts';
import { inTransaction } from '../pipeline/runtime/transaction.ts';

/** The name belongs to no projection; the message lists those that there are. */
class UnknownProjection extends Error {
  override readonly name = 'UnknownProjection';
}

export function projectionCommands(program: Command, withWorld: WithWorld): void {
  const projection = program.command('projection').description('the views that are built from the events');

  projection
    .command('list')
    .description('every view: whether it is built, how many records are in it, how many wait')
    .option('--json', 'print one JSON array')
    .action(({ json }: { json?: true }) =>
      withWorld(async (world) => {
        const states = await Promise.all(createProjections(world).map((one) => stateOf(world, one)));
        if (json) return print(JSON.stringify(states));
        for (const state of states) print(lineOfState(state));
      }),
    );

  projection
    .command('rebuild')
    .argument('<name>', 'which view')
    .option('--from <place>', 'an offset, or a time such as 2026-01-31T12:00:00Z; without it, the oldest record kept')
    .option('--force', 'also when the view objects, because something would be lost')
    .description('build a view anew beside the live one, and switch when it is there')
    .action((name: string, options: RebuildOptions) => withWorld((world) => rebuild(world, name, options)));

  projection
    .command('set-aside')
    .argument('<name>', 'which view')
    .option('--json', 'print one JSON array')
    .description('the newest records without which a view goes on, because it could not apply them')
    .action((name: string, { json }: { json?: true }) =>
      withWorld((world) => printSetAside(world, name, json === true)),
    );

  projection
    .command('begin-again')
    .argument('<name>', 'which view')
    .argument('<topic>', 'which topic')
    .description('keep what is there, and read a topic from its beginning: it was made anew, or its log was cut off')
    .action((name: string, topic: string) => withWorld((world) => readAgain(world, name, topic)));
}

interface ViewState {
  readonly name: string;
  readonly description: string;
  readonly state: string;
  readonly applied: number;
  readonly behind: number;
  /** Records without which it goes on. */
  readonly setAside: number;
  /** Topics whose logs end before what the tables want. */
  readonly endsBelow: readonly string[];
}

function lineOfState({ name, state, applied, behind, setAside, endsBelow, description }: ViewState): string {
  const aside = setAside > 0 ? `, ${setAside} set aside` : '';
  const lost = endsBelow.length > 0 ? `; ends before what was read: ${endsBelow.join(', ')}` : '';
  return `${name.padEnd(12)}${state.padEnd(10)}${`${applied} applied, ${behind} behind${aside}`.padEnd(36)}${description}${lost}`;
}

interface RebuildOptions {
  readonly from?: string;
  readonly force?: boolean;
}

async function rebuild(world: CliWorld, name: string, { from, force = false }: RebuildOptions): Promise<void> {
  const { config, kafka, pool, routes, catalogue } = world;
  const projection = projectionNamed(world, name);
  const seal = await loadReplaySeal(world.database);
  const reading = { catalogue, startsSaga: (type: string) => routes.startsSaga(type), seal };
  const { records, durationMs } = await rebuildProjection({
    ...{ projection, pool, kafka, groupId: config.kafka.groupId },
    read: (record) => readEvent(record, reading),
    ...{ from: parseFrom(from), force, setAsideLimit: config.pipeline.setAsideLimit },
    onProgress: progressTo(process.stderr),
  });
  report('');
  print(`${name} is rebuilt from ${records} records, in ${(durationMs / 1000).toFixed(1)} s`);
}

/** @throws UnknownProjection */
function projectionNamed(world: CliWorld, name: string): Projection {
  const projections = createProjections(world);
  const projection = projections.find((one) => one.name === name);
  if (projection) return projection;
  throw new UnknownProjection(
    `there is no projection ${name}; there are ${projections.map((one) => one.name).join(', ')}`,
  );
}

const SHOWN = 1_000;

async function printSetAside(world: CliWorld, name: string, json: boolean): Promise<void> {
  const schema = schemaOf(projectionNamed(world, name));
  const isThere = (await countSetAside(world.pool, schema)) > 0;
  const records = isThere ? await listSetAside(world.pool, schema, SHOWN) : [];
  if (json) return print(JSON.stringify(records));
  for (const { topic, partition, offset, records: count, reason, at } of records) {
    print(`${at.toISOString()}  ${topic}/${partition}/${offset}${count > 1 ? ` (${count} records)` : ''}  ${reason}`);
  }
  if (records.length === 0) report('nothing is set aside');
}

async function readAgain(world: CliWorld, name: string, topic: string): Promise<void> {
  const projection = projectionNamed(world, name);
  if (!projection.topics.includes(topic)) throw new UnknownProjection(`projection ${name} does not read ${topic}`);
  const { pool, kafka } = world;
  const schema = schemaOf(projection);
  await inTransaction(pool, (client) => upgradeSchema(client, schema));
  const partitions = await beginAgain(pool, schema, topic, await kafka.topicIdOf(topic));
  print(
    `${name} reads ${partitions.length} partition(s) of ${topic} from the beginning; what it has stays. Restart the pipeline`,
  );
}

const LINE_EVERY_MS = 5_000;
const REDRAW_EVERY_MS = 100;

/** A bar that is redrawn on a terminal; a line now and then elsewhere. */
function progressTo(output: NodeJS.WriteStream): (progress: Progress) => void {
  let next = 0;
  return (progress) => {
    const isLast = progress.done === progress.total;
    if (performance.now() < next && !isLast) return;
    next = performance.now() + (output.isTTY ? REDRAW_EVERY_MS : LINE_EVERY_MS);
    output.write(output.isTTY ? `\r${lineOf(progress)}\x1b[K` : `${lineOf(progress)}\n`);
  };
}

async function stateOf({ pool, kafka }: CliWorld, projection: Projection) {
  const { name, description } = projection;
  const version = await inTransaction(pool, (client) => storedVersion(client, schemaOf(projection)));
  const isBuilt = version !== undefined;
  const places = isBuilt ? await readPlaces(pool, schemaOf(projection)) : new Map<string, StoredPlace>();
  const setAside = isBuilt ? await countSetAside(pool, schemaOf(projection)) : 0;
  const topics = await Promise.all(
    projection.topics.map(
      async (topic) => [topic, await kafka.topicIdOf(topic), await kafka.offsetsOf(topic)] as const,
    ),
  );
  let [applied, behind] = [0n, 0n];
  const madeAnew = new Set<string>();
  for (const [topic, topicId, partitions] of topics) {
    for (const { partition, low, high } of partitions) {
      const place = places.get(positionKey(topic, partition));
      const isAnother = topicId !== undefined && place?.topicId != null && place.topicId !== topicId;
      if (place && place.next > high) madeAnew.add(topic);
      const next = place === undefined || isAnother || place.next > high ? low : place.next;
      applied += next - low;
      behind += high - next;
    }
  }
  const state = version === undefined ? 'missing' : version === versionOf(projection) ? 'built' : 'outdated';
  const numbers = { applied: Number(applied), behind: Number(behind), setAside };
  return { name, description, state, ...numbers, endsBelow: [...madeAnew] };
}
