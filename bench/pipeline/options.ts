import { parseArgs } from 'node:util';

export const PARTS = ['catch-up', 'freshness', 'http', 'memory'] as const;
export type Part = (typeof PARTS)[number];

export const PROJECTIONS = ['archive', 'statistics', 'behaviour', 'logs', 'search'] as const;

export interface BenchOptions {
  /** Records in the topics when consumers begin to catch up. */
  readonly events: number;
  /** How often everybody catches up; the middle one of the rates counts. */
  readonly rounds: number;
  readonly parts: readonly Part[];
  readonly projections: readonly string[];
  readonly json: boolean;
  /** Records of the memory part. */
  readonly memoryEvents: number;
  /** Where consumers leave CPU profiles. */
  readonly profiles: string | undefined;
}

const USAGE = `npm run bench:pipeline -- [options]
  --events <n>     records to catch up with (default 200000)
  --rounds <n>     how often everybody catches up, in turns (default 3); the median counts
  --only <a,b>     some of ${[...PARTS, ...PROJECTIONS].join(', ')}; a projection catches up, beside the baseline
  --million        also the memory of the process over a million records
  --memory <n>     the same over another number of records
  --profiles <dir> CPU profiles of the consumers
  --json           figures as JSON`;

/** @throws Error that shows what can be asked for */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string', default: '200000' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
      million: { type: 'boolean', default: false },
      memory: { type: 'string' },
      profiles: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const events = Number(values.events);
  const rounds = Number(values.rounds);
  const memoryEvents = Number(values.memory ?? 1_000_000);
  const only = values.only?.split(',') ?? [];
  const isPart = (name: string): name is Part => PARTS.some((part) => part === name);
  const projections = PROJECTIONS.filter((name) => only.includes(name));
  const known = only.every((name) => isPart(name) || PROJECTIONS.some((projection) => projection === name));
  const isCount = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  if (!known || !isCount(events, 1_000) || !isCount(rounds, 1) || !isCount(memoryEvents, 1_000)) throw new Error(USAGE);
  const parts = new Set<Part>(only.length > 0 ? only.filter(isPart) : ['catch-up', 'freshness', 'http']);
  if (projections.length > 0) parts.add('catch-up');
  if (values.million || values.memory !== undefined) parts.add('memory');
  return {
    ...{ events, rounds, json: values.json, profiles: values.profiles, memoryEvents },
    parts: PARTS.filter((part) => parts.has(part)),
    projections: projections.length > 0 ? projections : PROJECTIONS,
  };
}
