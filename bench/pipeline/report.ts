import { percentile } from '../timing.ts';
import type { CaughtUp } from './catch-up.ts';
import type { FreshnessFigures } from './freshness.ts';
import type { HttpFigures } from './http-batches.ts';
import type { MemoryFigures } from './memory.ts';

export interface Figures {
  /** By `bare` and the names of projections, each round. */
  readonly catchUp: Record<string, CaughtUp[]>;
  freshness?: FreshnessFigures;
  http?: HttpFigures[];
  memory?: MemoryFigures;
}

interface Target {
  readonly perSecond: number;
  readonly ofBaseline?: number;
}

const TARGETS: Readonly<Record<string, Target>> = {
  archive: { perSecond: 20_000, ofBaseline: 0.3 },
  statistics: { perSecond: 20_000, ofBaseline: 0.3 },
  search: { perSecond: 5_000 },
};
const FRESH_MS = 1_000;

/** The figures as a table, with what was aimed at and whether it was reached. */
export function tableOf({ catchUp, freshness, http = [], memory }: Figures): string {
  const bare = catchUp['bare'];
  const lines = Object.entries(catchUp).map(([name, rounds]) => catchUpLine(name, rounds, bare));
  for (const { path, perSecond, bytes, cpuMicros, p50Ms, p99Ms } of http) {
    const detail = `${bytes} bytes each; ${cpuMicros.toFixed(1)} µs CPU; a batch p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`;
    lines.push([`POST ${path}`, `${whole(perSecond)}/s`, detail, '']);
  }
  if (freshness) {
    const { lines: count, p50Ms, p99Ms, searchP50Ms } = freshness;
    const figure = `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`;
    lines.push([
      'produced to found',
      figure,
      `${count} log lines, a search p50 ${searchP50Ms.toFixed(0)} ms`,
      verdict(`p99 <= ${FRESH_MS} ms`, p99Ms <= FRESH_MS),
    ]);
  }
  if (memory) {
    const { records, seconds, peakMiB, quartersMiB } = memory;
    const quarters = quartersMiB.map((mib) => mib.toFixed(0)).join(', ');
    const detail = `${whole(records)} records in ${seconds.toFixed(0)} s; medians of the quarters ${quarters} MiB`;
    lines.push(['memory, all projections', `peak ${peakMiB.toFixed(0)} MiB`, detail, '']);
  }
  return lines
    .map(([what, figure, detail, aim]) => `${what.padEnd(24)} ${figure.padEnd(24)} ${detail}  ${aim}\n`)
    .join('');
}

type Line = [what: string, figure: string, detail: string, aim: string];

function catchUpLine(name: string, rounds: readonly CaughtUp[], bare: readonly CaughtUp[] | undefined): Line {
  const rates = rounds.map(rateOf);
  const rate = median(rates);
  const ratio = bare && rounds !== bare ? rate / median(bare.map(rateOf)) : undefined;
  const detail = [
    `${whole(rounds[0]?.records ?? 0)} records`,
    `${rates.length} rounds ${whole(Math.min(...rates))} to ${whole(Math.max(...rates))}/s`,
    `${median(rounds.map(cpuMicrosOf)).toFixed(1)} µs CPU each`,
    ...(ratio === undefined ? [] : [`${ratio.toFixed(2)} of the baseline`]),
  ].join(', ');
  return [name === 'bare' ? 'baseline' : name, `${whole(rate)}/s`, detail, aimOf(TARGETS[name], rate, ratio)];
}

function aimOf(target: Target | undefined, rate: number, ratio: number | undefined): string {
  if (!target) return '';
  const { perSecond, ofBaseline } = target;
  const fast = verdict(`>= ${whole(perSecond)}/s`, rate >= perSecond);
  if (ofBaseline === undefined || ratio === undefined) return fast;
  return `${fast}; ${verdict(`>= ${ofBaseline} of the baseline`, ratio >= ofBaseline)}`;
}

const rateOf = ({ records, ms }: CaughtUp): number => (records * 1000) / ms;
const cpuMicrosOf = ({ records, cpuMs }: CaughtUp): number => (cpuMs * 1000) / records;
const verdict = (aim: string, reached: boolean): string => `${aim}: ${reached ? 'reached' : 'MISSED'}`;
const median = (values: readonly number[]): number => percentile(values, 50);
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
