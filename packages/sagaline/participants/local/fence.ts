/**
 * The fence of local actions. A worker may die after its action committed and before the kernel heard of it; what runs the action
 * again, or late, must not commit beside a rollback that does not wait for it. So an action asks whether its saga lets it, in the
 * very transaction of its effect: check and act are one.
 *
 * @example in one statement
 * INSERT INTO "loans" (…) SELECT … WHERE ${sagaLetsAct(workflowId())} ON CONFLICT …   -- no row comes back: throw new ActionUndone(key)
 *
 * @example in a transaction of several
 * await refuseUnlessSagaLetsAct(tx, workflowId(), key);
 */
import { Prisma } from '../../prisma/generated/client.ts';
import { queryIn, type AnyTransaction } from '../../outbox/transaction.ts';
import { ActionUndone } from '../../contracts/failures.ts';

/**
 * Whether an action may commit, as a piece of SQL of type boolean: false once the saga of `workflowId` rolls back, or has. It
 * keeps a rollback from beginning until the transaction ends. Compensations do not ask.
 *
 * @param workflowId undefined outside of Temporal: then true
 */
export function sagaLetsAct(workflowId: string | undefined): Prisma.Sql {
  return Prisma.sql`sagaline_engine.saga_lets_act(${workflowId ?? null}::text)`;
}

/**
 * The same for a transaction of several statements.
 *
 * @throws ActionUndone (final)
 */
export async function refuseUnlessSagaLetsAct(
  tx: AnyTransaction,
  workflowId: string | undefined,
  actionKey: string,
): Promise<void> {
  const [row] = await queryIn<{ may: boolean }>(tx, 'SELECT sagaline_engine.saga_lets_act($1::text) AS "may"', [
    workflowId ?? null,
  ]);
  if (!row?.may) throw new ActionUndone(actionKey);
}
