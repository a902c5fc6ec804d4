import { queryIn, type AnyTransaction } from '../outbox/transaction.ts';
import { contentHashes } from '../events/payload-hash.ts';
import type { EventTarget } from '../dispatch/dispatch.ts';
import { Problem } from './problem.ts';

interface Hashes {
  readonly payloadHash: string;
  readonly contentHash: string | null;
}

/**
 * Refuses an event that would be a dead letter: a saga that it starts is known, with other content, as ingest compares it.
 *
 * @param isKnown whether a service has taken what the event tells of: then its own answer holds, the same whether ingest was
 *   there already or not
 * @throws Problem conflicting-duplicate
 */
export async function refuseConflict(
  database: AnyTransaction,
  targets: readonly EventTarget[],
  payload: unknown,
  isKnown: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<void> {
  // What is produced is the payload as its schema read it.
  const { payloadHash, contentHash } = contentHashes(payload, payload);
  for (const { route, workflowId } of targets) {
    if (route.kind !== 'start') continue;
    const [saga] = await queryIn<Hashes>(
      database,
      `SELECT "payload_hash" AS "payloadHash", "content_hash" AS "contentHash" FROM "sagaline_engine"."sagas"
       WHERE "workflow_id" = $1::text`,
      [workflowId],
    );
    const differs = saga && saga.payloadHash !== payloadHash && saga.contentHash !== contentHash;
    if (differs && !(await isKnown())) {
      throw new Problem('conflicting-duplicate', `${workflowId} was started by an event with another payload`);
    }
  }
}
