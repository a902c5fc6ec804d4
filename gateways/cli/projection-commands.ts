import type { Command } from 'commander';
import { parseFrom } from '../kafka/range.ts';
import { createProjections } from '../pipeline/projections.ts';
import { lineOf, type Progress } from '../pipeline/rebuild/progress.ts';
import { rebuildProjection } from '../pipeline/rebuild/rebuild-projection.ts';
import { positionKey, readOffsets } from '../pipeline/runtime/apply-batch.ts';
import { schemaOf, type Projection } from '../pipeline/runtime/projection.ts';
import { readEvent } from '../pipeline/runtime/recorded-event.ts';
import { inTransaction, storedVersion, versionOf } from '../pipeline/runtime/schema.ts';
import { print, report, withWorld, type CliWorld } from './world.ts';

/** The name belongs to no projection; the message lists those that there are. */
class UnknownProjection extends Error {
  override readonly name = 'UnknownProjection';
}

export function projectionCommands(program: Command): void {
  const projection = program.command('projection').description('the views that are built from the events');

  projection
    .command('list')
    .description('every view: whether it is built, how many records are in it, how many wait')
    .option('--json', 'print one JSON array')
    .action(({ json }: { json?: true }) =>
      withWorld(async (world) => {
        const states = await Promise.all(createProjections(world).map((one) => stateOf(world, one)));
        if (json) return print(JSON.stringify(states));
        for (const { name, state, applied, behind, description } of states) {
          print(
            `${name.padEnd(12)}${state.padEnd(10)}${`${applied} applied, ${behind} behind`.padEnd(36)}${description}`,
          );
        }
      }),
    );

  projection
    .command('rebuild')
    .argument('<name>', 'which view')
    .option('--from <place>', 'an offset, or a time such as 2026-01-31T12:00:00Z; without it, the oldest record kept')
    .option('--force', 'also when the view objects, because something would be lost')
    .description('build a view anew beside the live one, and switch when it is there')
    .action((name: string, options: RebuildOptions) => withWorld((world) => rebuild(world, name, options)));
}

interface RebuildOptions {
  readonly from?: string;
  readonly force?: boolean;
}

async function rebuild(world: CliWorld, name: string, { from, force = false }: RebuildOptions): Promise<void> {
  const { config, kafka, pool, routes } = world;
  const projections = createProjections(world);
  const projection = projections.find((one) => one.name === name);
  if (!projection) {
    throw new UnknownProjection(
      `there is no projection ${name}; there are ${projections.map((one) => one.name).join(', ')}`,
    );
  }
  const { records, durationMs } = await rebuildProjection({
    ...{ projection, pool, kafka, groupId: config.kafka.groupId },
    read: (record) => readEvent(record, (type) => routes.startsSaga(type)),
    ...{ from: parseFrom(from), force },
    onProgress: progressTo(process.stderr),
  });
  report('');
  print(`${name} is rebuilt from ${records} records, in ${(durationMs / 1000).toFixed(1)} s`);
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
  const offsets = version === undefined ? new Map<string, bigint>() : await readOffsets(pool, schemaOf(projection));
  const topics = await Promise.all(
    projection.topics.map(async (topic) => [topic, await kafka.offsetsOf(topic)] as const),
  );
  let [applied, behind] = [0n, 0n];
  for (const [topic, partitions] of topics) {
    for (const { partition, low, high } of partitions) {
      const next = offsets.get(positionKey(topic, partition)) ?? low;
      applied += next - low;
      behind += high - next;
    }
  }
  const state = version === undefined ? 'missing' : version === versionOf(projection) ? 'built' : 'outdated';
  return { name, description, state, applied: Number(applied), behind: Number(behind) };
}
