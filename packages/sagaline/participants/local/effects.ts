import { Prisma } from '../../prisma/generated/client.ts';
import type { Journey } from '../../contracts/saga.ts';

/** Which effects a rollback takes back at its end. */
export interface Standing {
  /** Whose effects: of the saga that rolls back. */
  readonly workflowId: string;
  /** Whether to take back at all, as a piece of SQL: evaluated in the transaction of the rollback's outcome. */
  readonly when: Prisma.Sql;
  /** Whether the effect of an action key is to be left as it is, as a piece of SQL: an operator gave its undoing up. */
  readonly isKept: (key: Prisma.Sql) => Prisma.Sql;
}

/**
 * What a local participant leaves in our database, as far as a rollback must be able to take it back without the kernel, which
 * never heard of an action whose worker died before it could report. Each effect has the workflow id of its action.
 */
export interface LocalEffects {
  /** One UPDATE or DELETE that takes back what of a workflow still stands: what each undo would have done. */
  takeBack(standing: Standing): Prisma.Sql;
}

/** What stands of a workflow, without the steps whose undoing an operator skipped. */
export function standingOf(workflowId: string, { steps }: Pick<Journey, 'steps'>, when: Prisma.Sql): Standing {
  const skipped = steps.filter(({ compensation }) => compensation?.state === 'skipped').map(({ name }) => name);
  const keys = skipped.map((step) => `${workflowId}/${step}`);
  return {
    workflowId,
    when,
    // A step that calls several participants gives each a key of its own, which begins with the step's.
    isKept: (key) => Prisma.sql`EXISTS (SELECT 1 FROM unnest(${keys}::text[]) AS "skipped"
      WHERE ${key} = "skipped" OR left(${key}, length("skipped") + 1) IN ("skipped" || '/', "skipped" || ':'))`,
  };
}

/** The takings back as parts of a WITH, each with its comma before it; PostgreSQL carries them out, whoever reads them. */
export function takeBackAll(effects: readonly LocalEffects[], standing: Standing): Prisma.Sql {
  const parts = effects.map(
    (effect, index) => Prisma.sql`, ${Prisma.raw(`"taken_back_${index}"`)} AS (${effect.takeBack(standing)})`,
  );
  return parts.length === 0 ? Prisma.empty : Prisma.join(parts, ' ');
}
