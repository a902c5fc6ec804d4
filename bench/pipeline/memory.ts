/** The resident memory of the pipeline process while all projections catch up with a million records. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { percentile } from '../timing.ts';

export interface MemoryFigures {
  readonly records: number;
  readonly seconds: number;
  readonly peakMiB: number;
  /** Medians over parts of the run: what grows without bound would show here. */
  readonly quartersMiB: readonly number[];
}

const EVERY_MS = 500;

/** Samples until every projection is where its topics end. */
export async function measureMemory(
  pid: number,
  behind: () => Promise<number>,
  records: number,
): Promise<MemoryFigures> {
  const began = performance.now();
  const samples: number[] = [];
  while ((await behind()) > 0) {
    samples.push(await residentMiB(pid));
    await delay(EVERY_MS);
  }
  const quarter = Math.ceil(samples.length / 4);
  return {
    records,
    seconds: (performance.now() - began) / 1000,
    peakMiB: Math.max(...samples),
    quartersMiB: [0, 1, 2, 3].map((n) => percentile(samples.slice(n * quarter, (n + 1) * quarter), 50)),
  };
}

/** Records that projections have applied, all together. */
export async function recordsApplied(pool: Pool, names: readonly string[]): Promise<number> {
  const sums = names.map(
    (name) => `SELECT sum("next_offset") AS "next" FROM "projection_${name}"."offsets" WHERE "next_offset" >= 0`,
  );
  const { rows } = await pool.query<{ applied: string | null }>(
    `SELECT sum("next") AS "applied" FROM (${sums.join(' UNION ALL ')}) AS "all"`,
  );
  return Number(rows[0]?.applied ?? 0);
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
