import type { Database } from '../prisma/database.ts';
import { contentHashes } from '../events/payload-hash.ts';
import type { Target } from '../dispatch/dispatch.ts';
import { Problem } from './problem.ts';

/**
 * Refuses an event that would be a dead letter: a saga that it starts is known, with other content, as ingest compares it.
 *
 * @param isKnown whether a service has taken what the event tells of: then its own answer holds, the same whether ingest was
 *   there already or not
 * @throws Problem conflicting-duplicate
 */
export async function refuseConflict(
  database: Database,
  targets: readonly Target[],
  payload: unknown,
  isKnown: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<void> {
  // What is produced is the payload as its schema read it.
  const { payloadHash, contentHash } = contentHashes(payload, payload);
  for (const { route, workflowId } of targets) {
    if (route.kind !== 'start') continue;
    const saga = await database.saga.findUnique({
      where: { workflowId },
      select: { payloadHash: true, contentHash: true },
    });
    const differs = saga && saga.payloadHash !== payloadHash && saga.contentHash !== contentHash;
    if (differs && !(await isKnown())) {
      throw new Problem('conflicting-duplicate', `${workflowId} was started by an event with another payload`);
    }
  }
}
