import type { Database } from '../../prisma/database.ts';
import { payloadHash } from '../kafka/payload-hash.ts';
import type { Target } from '../kafka/routes.ts';
import { Problem } from './problem.ts';

/**
 * Refuses an event that would be a dead letter: a saga that it starts is known, with another payload.
 *
 * @throws Problem conflicting-duplicate
 */
export async function refuseConflict(database: Database, targets: readonly Target[], payload: unknown): Promise<void> {
  for (const { route, workflowId } of targets) {
    if (route.kind !== 'start') continue;
    const saga = await database.saga.findUnique({ where: { workflowId }, select: { payloadHash: true } });
    if (saga && saga.payloadHash !== payloadHash(payload)) {
      throw new Problem('conflicting-duplicate', `${workflowId} was started by an event with another payload`);
    }
  }
}
