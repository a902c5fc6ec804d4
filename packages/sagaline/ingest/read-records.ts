import type { Catalogue } from '../contracts/catalogue.ts';
import type { DeadLetter } from '../dead-letter/letter.ts';
import { InvalidRecord } from '../events/invalid-record.ts';
import { parseRecord } from '../events/parse-record.ts';
import type { ConsumedRecord } from '../kafka/port.ts';
import type { ReplaySeal } from '../replay/replay-seal.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import type { Arrival } from './arrival.ts';
import type { IngestObserver } from './observer.ts';

export interface ReadDeps {
  readonly catalogue: Catalogue;
  readonly routes: Routes;
  /** Tells where a record was first that was produced once more. */
  readonly seal: ReplaySeal;
  readonly observer: Pick<IngestObserver, 'accepted'>;
}

/** Parses records and looks up the sagas they reach; what can never succeed comes back as dead letters. */
export function readRecords(records: readonly ConsumedRecord[], { catalogue, routes, seal, observer }: ReadDeps) {
  const reading = { catalogue, startsSaga: (type: string) => routes.startsSaga(type), seal };
  const arrivals: Arrival[] = [];
  const letters: DeadLetter[] = [];
  for (const record of records) {
    try {
      const event = parseRecord(record, reading);
      const targets = routes.targetsOf(event.type, event.payload);
      arrivals.push(...targets.map((target) => ({ record, event, target })));
      observer.accepted(event.type);
    } catch (error) {
      if (!(error instanceof InvalidRecord)) throw error;
      letters.push({ record, error });
    }
  }
  return { arrivals, letters };
}
