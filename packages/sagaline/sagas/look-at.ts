import type { Database } from '../prisma/database.ts';
import type { Inspection, SagaWorkflows } from '../http/ports.ts';
import { readOpen } from './keep-cancel.ts';
import { troubleOf, type Trouble } from './trouble.ts';

interface Deps {
  readonly database: Database;
  readonly inspect: SagaWorkflows['inspect'];
}

/** What Temporal says of a saga, and whether that is trouble. */
export interface Looked {
  readonly inspection: Inspection;
  readonly trouble: Trouble | undefined;
}

/**
 * Looks at a saga in both places. They change between the looks, so the row is read on both sides of the question: what had not
 * been started before is not lost when Temporal does not know it, and what is closed afterwards has ended as it should.
 */
export function createLookAt({ database, inspect }: Deps) {
  return async function lookAt(workflowId: string, wants: { readonly journey: boolean }): Promise<Looked> {
    const before = await readOpen(database, workflowId);
    const inspection = await inspect(workflowId, wants);
    const trouble = before && troubleOf(before, inspection);
    if (trouble?.kind !== 'lost') return { inspection, trouble };
    const after = await readOpen(database, workflowId);
    return { inspection, trouble: after?.closedAt === null ? trouble : undefined };
  };
}
