/** What one batch adds to the windows, summed up in memory, so that each row is written once. */
import { isEvent, type ValidEvent } from 'sagaline/pipeline';
import { logEvents } from '../../../workflows/events/service-log.ts';
import { userEvents } from '../../../workflows/events/user.ts';
import { FACTS, isOutcome, type Fact } from './facts.ts';
import { binOf } from './sketch.ts';
import { isLate, type LateSizes } from './watermark.ts';
import { SIZE_NAMES, WINDOW_SIZES, windowStart } from './windows.ts';

/** Everything that is counted in windows; `logs` by service and level, `activities` by action. */
export const MEASURES = [...Object.values(FACTS), 'compensated', 'logs', 'activities'] as const;
export const AMOUNT_MEASURES = ['revenue', 'refunded'] as const;
export type Measure = (typeof MEASURES)[number];
export type AmountMeasure = (typeof AMOUNT_MEASURES)[number];

export interface WindowRow {
  readonly windowMs: number;
  readonly start: number;
}
export interface CountRow extends WindowRow {
  readonly measure: Measure;
  readonly label: string;
  readonly detail: string;
  value: number;
}
export interface AmountRow extends WindowRow {
  readonly measure: AmountMeasure;
  readonly currency: string;
  value: bigint;
}
export interface DurationRow extends WindowRow {
  readonly bin: number;
  value: number;
}
export interface LateRow {
  readonly topic: string;
  readonly windowMs: number;
  value: number;
}

/** 1 to count something, -1 to take back what was counted of a fact that another record takes the place of. */
export type Sign = 1 | -1;

type Placed = Pick<Fact, 'time' | 'late'>;

export class Tally {
  readonly counts = new Map<string, CountRow>();
  readonly amounts = new Map<string, AmountRow>();
  readonly durations = new Map<string, DurationRow>();
  readonly late = new Map<string, LateRow>();

  /** An activity or a log line: counted for each record. */
  addRecord(event: ValidEvent, late: LateSizes): void {
    const { time } = event;
    if (isEvent(event, userEvents['user.activity']))
      this.count({ time, late }, 'activities', event.payload.action, '', 1);
    else if (isEvent(event, logEvents['service.log']))
      this.count({ time, late }, 'logs', event.payload.service, event.payload.level, 1);
    else return;
    this.countLate(event.type, late, 1);
  }

  addFact(fact: Fact, sign: Sign): void {
    this.count(fact, FACTS[fact.type], '', '', sign);
    if (fact.compensated) this.count(fact, 'compensated', '', '', sign);
    if (fact.amount !== null && fact.currency !== null) {
      const measure = isOutcome(fact) ? 'revenue' : 'refunded';
      this.countAmount(fact, measure, fact.currency, BigInt(sign) * fact.amount);
    }
    this.countLate(fact.type, fact.late, sign);
  }

  /** How long a saga took, in the windows of its end. */
  addDuration(created: Pick<Fact, 'time'>, outcome: Placed, sign: Sign): void {
    const bin = binOf(outcome.time - created.time);
    this.inWindows(outcome, (windowMs, start) => {
      const row = cell(this.durations, `${windowMs}|${start}|${bin}`, () => ({ windowMs, start, bin, value: 0 }));
      row.value += sign;
    });
  }

  private count(at: Placed, measure: Measure, label: string, detail: string, by: number): void {
    this.inWindows(at, (windowMs, start) => {
      // No label has U+0000: parsing refuses it.
      const key = `${windowMs}|${measure}|${start}|${label}\0${detail}`;
      cell(this.counts, key, () => ({ windowMs, measure, start, label, detail, value: 0 })).value += by;
    });
  }

  private countAmount(at: Placed, measure: AmountMeasure, currency: string, by: bigint): void {
    this.inWindows(at, (windowMs, start) => {
      const key = `${windowMs}|${measure}|${start}|${currency}`;
      cell(this.amounts, key, () => ({ windowMs, measure, start, currency, value: 0n })).value += by;
    });
  }

  private countLate(topic: string, late: LateSizes, by: number): void {
    if (late === 0) return;
    for (const [index, size] of SIZE_NAMES.entries()) {
      if (!isLate(late, index)) continue;
      const windowMs = WINDOW_SIZES[size];
      cell(this.late, `${topic}|${windowMs}`, () => ({ topic, windowMs, value: 0 })).value += by;
    }
  }

  private inWindows({ time, late }: Placed, add: (windowMs: number, start: number) => void): void {
    for (const [index, size] of SIZE_NAMES.entries()) {
      if (!isLate(late, index)) add(WINDOW_SIZES[size], windowStart(time, size));
    }
  }
}

/** The row under a key, made when it is missing. */
export function cell<Row>(cells: Map<string, Row>, key: string, create: () => Row): Row {
  const known = cells.get(key);
  if (known) return known;
  const created = create();
  cells.set(key, created);
  return created;
}
