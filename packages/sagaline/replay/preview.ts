/** What would become of records if they came once more, found out by ingest's own code in a transaction that is rolled back. */
import type { Database, Transaction } from '../prisma/database.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { Arrival } from '../ingest/arrival.ts';
import { judge, type Judged } from '../ingest/judge.ts';
import { readRecords } from '../ingest/read-records.ts';
import { findSaga } from '../ingest/sql/find-saga.ts';
import type { InvalidReason } from '../events/invalid-record.ts';
import type { ConsumedRecord } from '../kafka/port.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import type { ReplaySeal } from './replay-seal.ts';

export type Fate =
  'start' | 'signal' | 'park' | 'duplicate' | 'ignored' | 'tooLate' | 'conflict' | 'invalid' | 'reachesNone';

/** What one record would do to one saga; a record that reaches several has several. */
export interface Preview {
  readonly record: ConsumedRecord;
  readonly fate: Fate;
  readonly workflowId?: string;
  readonly eventId?: string;
  readonly reason?: InvalidReason;
}

/** Fates that change something: records with none of these need no replay. */
export const EFFECTIVE: ReadonlySet<Fate> = new Set<Fate>(['start', 'signal', 'park', 'tooLate']);

class RollBack extends Error {
  override readonly name = 'RollBack';
}

const quiet = {
  accepted: () => undefined,
  outcome: () => undefined,
  deadLettered: () => undefined,
  batch: () => undefined,
  retried: () => undefined,
  overdue: () => undefined,
};

/** Which events there are, and which sagas they reach. */
interface Dispatch {
  readonly catalogue: Catalogue;
  readonly routes: Routes;
}

/** Judges chunk after chunk, as one replay: what an earlier chunk would start, a later one finds started. */
export function createPreview(database: Database, { catalogue, routes }: Dispatch, seal: ReplaySeal) {
  const started = new Set<string>();
  const taken = new Set<string>();

  return async function preview(records: readonly ConsumedRecord[]): Promise<Preview[]> {
    const { arrivals, letters } = readRecords(records, { catalogue, routes, seal, observer: quiet });
    const fates = await inVain(database, async (tx) => {
      const judged = await judge(tx, arrivals);
      return Promise.all(judged.map(async (one) => [one.arrival, await fateOf(tx, one)] as const));
    });
    const reached = fates.map(([arrival, fate]) => previewOf(arrival, amongEarlier(arrival, fate)));
    const invalid = letters.map(({ record, error }): Preview => ({ record, fate: 'invalid', reason: error.reason }));
    const seen = new Set([...reached, ...invalid].map(({ record }) => record));
    const none = records
      .filter((record) => !seen.has(record))
      .map((record): Preview => ({ record, fate: 'reachesNone' }));
    const order = new Map(records.map((record, at) => [record, at]));
    return [...reached, ...invalid, ...none].sort((a, b) => (order.get(a.record) ?? 0) - (order.get(b.record) ?? 0));
  };

  /** The rolled-back transaction forgets what this replay itself would have done before. */
  function amongEarlier({ event, target }: Arrival, fate: Fate): Fate {
    const id = `${target.workflowId} ${event.eventId}`;
    if (EFFECTIVE.has(fate) && taken.has(id)) return 'duplicate';
    taken.add(id);
    if (fate === 'start' && started.has(target.workflowId)) return 'duplicate';
    if (fate === 'start') started.add(target.workflowId);
    return fate === 'park' && started.has(target.workflowId) ? 'signal' : fate;
  }
}

async function fateOf(tx: Transaction, { arrival, verdict }: Judged): Promise<Fate> {
  switch (verdict.kind) {
    case 'start':
    case 'duplicate':
    case 'ignored':
    case 'conflict':
      return verdict.kind;
    case 'parked':
      return 'park';
    case 'deliver': {
      const state = (await findSaga(tx, arrival.target.workflowId))?.state;
      if (state === 'running' || state === 'rollingBack') return 'signal';
      const { route } = arrival.target;
      return route.kind === 'followUp' && route.rule.cancels ? 'tooLate' : 'ignored';
    }
  }
}

function previewOf({ record, event, target }: Arrival, fate: Fate): Preview {
  return { record, fate, workflowId: target.workflowId, eventId: event.eventId };
}

/** Runs `work` in a transaction of which nothing stays. */
async function inVain<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  try {
    await database.$transaction(async (tx) => {
      result = { value: await work(tx) };
      throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw error;
  }
  if (!result) throw new Error('the transaction ended without a result');
  return result.value;
}
