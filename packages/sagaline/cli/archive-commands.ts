import type { Command } from 'commander';
import type { Exported } from '../pipeline/archive/segments/export-day.ts';
import { archivedLine, exportArchive, listArchive, parseDay, readArchived, type ArchivedDay } from './archive.ts';
import { print, printSlowly, report, type CliWorld, type WithWorld } from './world.ts';

/** What was typed is no time. */
class InvalidTime extends Error {
  override readonly name = 'InvalidTime';
  constructor(text: string) {
    super(`"${text}" is no time: write it as 2026-01-31 or 2026-01-31T12:00:00Z`);
  }
}

interface ReadOptions {
  readonly key?: string;
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
}

export function archiveCommands(program: Command, withWorld: WithWorld): void {
  const archive = program.command('archive').description('every event that was ever recorded');

  archive
    .command('export')
    .option('--day <day>', 'such as 2026-01-31 (UTC), also before it is over; without it, every day that is over')
    .option('--json', 'print one JSON object a line')
    .description('write to files in ARCHIVE_DIR what they do not have yet')
    .action((options: { day?: string; json?: true }) => withWorld((world) => exportDays(world, options)));

  archive
    .command('list')
    .option('--json', 'print one JSON array')
    .description('every day, and where its records are')
    .action(({ json }: { json?: true }) =>
      withWorld(async (world) => {
        const days = await listArchive(depsOf(world));
        if (json) return print(JSON.stringify(days));
        for (const day of days) print(lineOf(day));
        if (days.length === 0) report('nothing is recorded yet');
      }),
    );

  archive
    .command('read')
    .option('--key <key>', 'only of this business key')
    .option('--type <type>', 'only events of this type')
    .option('--from <time>', 'recorded at this time or later')
    .option('--to <time>', 'recorded before')
    .description('print records as one JSON object a line, oldest first, from files and database alike')
    .action((options: ReadOptions) => withWorld((world) => read(world, options)));
}

async function exportDays(world: CliWorld, { day, json }: { day?: string; json?: true }): Promise<void> {
  const onDay = (done: Exported) => print(json ? JSON.stringify(done) : `${done.day}  ${saying(done)}`);
  const exported = await exportArchive(depsOf(world), { ...(day !== undefined && { day: parseDay(day) }), onDay });
  if (exported.length === 0) report('no day is over yet; --day names one that is still going on');
}

const saying = ({ rows, files }: Exported): string =>
  rows === 0 ? 'nothing new' : `${rows} records to ${files.join(', ')}`;

function lineOf({ day, recorded, inFiles, inDatabase, files }: ArchivedDay): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const where = files.length > 0 ? `${inFiles} in ${files.length} file(s), ${Math.ceil(bytes / 1024)} KiB` : 'no file';
  return `${day}  ${`${recorded} recorded`.padEnd(20)}${where.padEnd(36)}${inDatabase ? 'in the database' : ''}`.trimEnd();
}

async function read(world: CliWorld, { key, type, from, to }: ReadOptions): Promise<void> {
  const filter = { key, type, from: parseTime(from), to: parseTime(to) };
  const rows = await readArchived(depsOf(world), filter, (row) => printSlowly(archivedLine(row)));
  report(`${rows} record(s)`);
}

/** @throws InvalidTime */
function parseTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}(T|$)/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw new InvalidTime(text);
  return time;
}

const depsOf = ({ pool, config }: CliWorld) => ({ pool, policy: config.pipeline.archive.policy });
