/** The provider's own ledger: an append-only file, and what can be told from it. Nothing in memory that the file does not say. */
import { join } from 'node:path';
import { z } from 'zod';
import { openJournal } from '../journal.ts';

const at = z.string();
const money = { amount: z.int(), currency: z.string() };

const Entry = z.discriminatedUnion('type', [
  z.object({
    type: z.enum(['captured', 'declined']),
    at,
    chargeId: z.string(),
    orderId: z.string(),
    ...money,
    token: z.string(),
    idempotencyKey: z.string(),
    requestHash: z.string(),
    reason: z.string().optional(),
  }),
  z.object({
    type: z.literal('refunded'),
    at,
    refundId: z.string(),
    chargeId: z.string(),
    orderId: z.string(),
    ...money,
    idempotencyKey: z.string(),
    requestHash: z.string(),
  }),
  z.object({ type: z.literal('refund-refused'), at, chargeId: z.string(), orderId: z.string() }),
  z.object({ type: z.literal('refunds-allowed'), at, orderId: z.string() }),
]);

export type LedgerEntry = z.infer<typeof Entry>;
export type ChargeEntry = Extract<LedgerEntry, { type: 'captured' | 'declined' }>;
export type RefundEntry = Extract<LedgerEntry, { type: 'refunded' }>;

/** Minor units. `balance` is captured minus refunded. */
export interface Totals {
  readonly captured: number;
  readonly refunded: number;
  readonly balance: number;
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>;

/** Opens `payments.ndjson` in the data directory and rebuilds the state from it. */
export async function openLedger(dataDir: string) {
  const journal = await openJournal(join(dataDir, 'payments.ndjson'), (line) => Entry.parse(line));
  const money: (ChargeEntry | RefundEntry)[] = [];
  const charges = new Map<string, ChargeEntry>();
  const chargesByKey = new Map<string, ChargeEntry>();
  const refundsByKey = new Map<string, RefundEntry>();
  const refundsOf = new Map<string, RefundEntry[]>();
  const refusals = new Map<string, number>();
  const allowed = new Set<string>();
  for (const entry of journal.entries) apply(entry);

  function apply(entry: LedgerEntry): void {
    switch (entry.type) {
      case 'captured':
      case 'declined':
        if (entry.type === 'captured') money.push(entry);
        charges.set(entry.chargeId, entry);
        chargesByKey.set(entry.idempotencyKey, entry);
        break;
      case 'refunded':
        money.push(entry);
        refundsByKey.set(entry.idempotencyKey, entry);
        refundsOf.set(entry.chargeId, [...(refundsOf.get(entry.chargeId) ?? []), entry]);
        break;
      case 'refund-refused':
        refusals.set(entry.chargeId, (refusals.get(entry.chargeId) ?? 0) + 1);
        break;
      case 'refunds-allowed':
        allowed.add(entry.orderId);
    }
  }

  return {
    /** Writes to disk first, then lets it be seen. */
    async append<E extends LedgerEntry>(entry: E): Promise<E> {
      await journal.append(entry);
      apply(entry);
      return entry;
    },
    charge: (chargeId: string) => charges.get(chargeId),
    chargeByKey: (key: string) => chargesByKey.get(key),
    refundByKey: (key: string) => refundsByKey.get(key),
    refundsOf: (chargeId: string) => refundsOf.get(chargeId) ?? [],
    /** How often a refund of this charge was refused, or failed, by its token. */
    refusalsOf: (chargeId: string) => refusals.get(chargeId) ?? 0,
    refundsAllowed: (orderId: string) => allowed.has(orderId),
    /** What moved money: captured and refunded entries, of one order or of all, oldest first. */
    entries: (orderId?: string) => money.filter((entry) => orderId === undefined || entry.orderId === orderId),
    close: () => journal.close(),
  };
}

export function totalsOf(entries: readonly (ChargeEntry | RefundEntry)[]): Totals {
  const sum = (type: LedgerEntry['type']) =>
    entries.filter((entry) => entry.type === type).reduce((total, { amount }) => total + amount, 0);
  const captured = sum('captured');
  const refunded = sum('refunded');
  return { captured, refunded, balance: captured - refunded };
}
