/**
 * A record that is produced once more says where it was first, because that place is its identity where it has no id of its own.
 * Whoever may write to a topic could claim any place, and so make an honest event look like a second story of his: so the claim is
 * sealed, with a key that only the installation has, and over the record's key and value, so that no other record can carry it.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Transaction } from '../prisma/database.ts';
import { parsePlace, placeText, type RecordPlace } from '../events/place.ts';
import type { ConsumedRecord, ProducedRecord } from '../kafka/port.ts';
import { headerText, REPLAY_OF, REPLAY_SEAL, type AllowedHeaders } from '../events/record-headers.ts';

type Content = Pick<ProducedRecord, 'key' | 'value'>;

export interface ReplaySeal {
  /** The headers that say, and prove, that a record was at `place` first. */
  headersFor(place: RecordPlace, content: Content): Readonly<Record<string, string>>;
  /** Where a record was first: where its sealed headers say, else where it is. Never throws: a broken claim is none. */
  firstPlaceOf(record: ConsumedRecord, headers: AllowedHeaders): RecordPlace;
}

export function createReplaySeal(secret: string): ReplaySeal {
  const sealOf = (place: string, { key, value }: Content): string =>
    createHmac('sha256', secret)
      .update(`${place}\n${digestOf(key)}\n${digestOf(value)}`)
      .digest('hex');

  return {
    headersFor(place, content) {
      const text = placeText(place);
      return { [REPLAY_OF]: text, [REPLAY_SEAL]: sealOf(text, content) };
    },
    firstPlaceOf(record, headers) {
      const claim = textOf(headers, REPLAY_OF);
      const seal = textOf(headers, REPLAY_SEAL);
      if (claim === undefined || seal === undefined) return record;
      const place = parsePlace(claim);
      const known = place?.topic === record.topic && isEqual(seal, sealOf(claim, record));
      return place && known ? place : record;
    },
  };
}

/** @throws Error when the database lacks the secret, which a migration makes */
export async function loadReplaySeal(database: Transaction): Promise<ReplaySeal> {
  const { secret } = await database.installationSecret.findUniqueOrThrow({ where: { name: 'replay' } });
  return createReplaySeal(secret);
}

function digestOf(part: Buffer | string | null): string {
  return part === null ? 'null' : createHash('sha256').update(part).digest('hex');
}

function isEqual(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function textOf(headers: AllowedHeaders, name: string): string | undefined {
  try {
    return headerText(headers, name);
  } catch {
    return undefined;
  }
}
