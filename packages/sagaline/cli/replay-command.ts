import type { Command } from 'commander';
import { parseFrom, rangesOf } from '../kafka/range.ts';
import { readRange, type PartitionRange } from '../kafka/read-range.ts';
import { createPreview, EFFECTIVE, type Fate, type Preview } from '../replay/preview.ts';
import { replayOf } from '../replay/replay-records.ts';
import { loadReplaySeal } from '../replay/replay-seal.ts';
import { print, report, type CliWorld, type WithWorld } from './world.ts';

interface ReplayOptions {
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export function replayCommand(program: Command, withWorld: WithWorld): void {
  program
    .command('replay')
    .argument('<topic>', 'whose records')
    .option(
      '--from <place>',
      'an offset of each partition, or a time such as 2026-01-31T12:00:00Z; default: the oldest record',
    )
    .option('--to <place>', 'up to, but not including; default: the present end')
    .option('--dry-run', 'say what each record would do, and produce nothing')
    .option('--json', 'print one JSON object a line')
    .description('bring records to their sagas once more: those that would do something, and no duplicates')
    .action((topic: string, options: ReplayOptions) => withWorld((world) => replay(world, topic, options)));
}

async function replay(world: CliWorld, topic: string, options: ReplayOptions): Promise<void> {
  const { kafka, database } = world;
  const ranges = await rangesOf(kafka, topic, parseFrom(options.from), options.to ? parseFrom(options.to) : undefined);
  const seal = await loadReplaySeal(database);
  const preview = createPreview(database, world, seal);
  const counts = new Map<Fate, number>();
  await readRange({
    ...{ kafka, topic, ranges },
    async handle(records) {
      for (const one of await preview(records)) {
        counts.set(one.fate, (counts.get(one.fate) ?? 0) + 1);
        print(options.json ? JSON.stringify(toJson(one)) : lineOf(one));
      }
    },
  });
  report(`\n${[...counts].map(([fate, count]) => `${count} ${TEXT[fate]}`).join(', ') || 'no records there'}`);
  if (options.dryRun) return report('dry run: nothing was produced');
  report(`${await produceAgain(world, topic, ranges)} record(s) produced to ${topic} once more`);
}

/** Reads the range a second time, so that memory does not grow with it, and judges again: sagas may have moved on meanwhile. */
async function produceAgain(world: CliWorld, topic: string, ranges: readonly PartitionRange[]): Promise<number> {
  const { kafka, database } = world;
  const seal = await loadReplaySeal(database);
  const preview = createPreview(database, world, seal);
  const producer = await kafka.createProducer();
  let produced = 0;
  try {
    await readRange({
      ...{ kafka, topic, ranges },
      async handle(records) {
        const effective = (await preview(records)).filter(({ fate }) => EFFECTIVE.has(fate));
        // One that reaches several sagas is produced once.
        const once = [...new Set(effective.map(({ record }) => record))];
        await producer.send(once.map((record) => replayOf(record, seal)));
        produced += once.length;
      },
    });
  } finally {
    await producer.close();
  }
  return produced;
}

const TEXT: Readonly<Record<Fate, string>> = {
  start: 'would start a saga',
  signal: 'would signal one',
  park: 'would wait for its saga',
  duplicate: 'duplicate',
  ignored: 'ignored by rule',
  tooLate: 'too late for its saga, which is said',
  conflict: 'conflicts with an accepted event',
  invalid: 'can never succeed',
  reachesNone: 'reaches no saga',
};

function lineOf({ record, fate, workflowId, reason }: Preview): string {
  const where = `${record.topic}/${record.partition}/${record.offset}`;
  return `${where.padEnd(32)}${TEXT[fate]}${workflowId ? `  ${workflowId}` : ''}${reason ? `  ${reason}` : ''}`;
}

function toJson({ record: { topic, partition, offset }, fate, workflowId, eventId, reason }: Preview) {
  return { topic, partition, offset, fate, workflowId, eventId, reason };
}
