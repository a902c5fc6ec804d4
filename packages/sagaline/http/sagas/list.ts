import { z } from 'zod';
import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { AbortCause, SagaState } from '../../contracts/saga.ts';
import { POSITION, decodeCursor, encodeCursor } from '../pages/cursor.ts';
import type { TroubleKind } from '../../sagas/trouble.ts';
import { sagaLink } from '../links.ts';

export interface SagaFilter {
  /** `parked`: any state, with a step that waits for an operator. `stuck`, `lost`: as they were last looked for. */
  readonly state?: SagaState | 'parked' | TroubleKind | undefined;
  readonly name?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

interface SummaryRow {
  readonly workflowId: string;
  readonly name: string;
  readonly sagaId: string;
  readonly state: SagaState;
  readonly parked: string[];
  readonly cause: AbortCause | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly closedAt: Date | null;
}

const Position = z.tuple([POSITION.time, POSITION.text]);

/** One page of sagas, newest first. From PostgreSQL alone: a list must not cost Temporal anything. */
export async function listSagas(
  database: Database,
  { state, name, cursor, limit }: SagaFilter,
  troubled: ReadonlyMap<string, { readonly kind: TroubleKind }> = new Map(),
) {
  const isTrouble = state === 'stuck' || state === 'lost';
  const wanted = [...troubled].filter(([, { kind }]) => kind === state).map(([workflowId]) => workflowId);
  const conditions = [
    isTrouble && Prisma.sql`"workflow_id" = ANY (${wanted}) AND "closed_at" IS NULL`,
    state === 'parked' && Prisma.sql`cardinality("parked") > 0`,
    state !== undefined && state !== 'parked' && !isTrouble && Prisma.sql`"state" = ${state}`,
    name !== undefined && Prisma.sql`"name" = ${name}`,
    cursor !== undefined && after(cursor),
  ].filter((condition) => condition !== false);
  const where = conditions.length > 0 ? Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}` : Prisma.empty;
  // One row more than asked for tells whether there is a next page.
  const rows = await database.$queryRaw<SummaryRow[]>`
    SELECT "workflow_id" AS "workflowId", "name", "saga_id" AS "sagaId", "state", "parked", "cause",
           "created_at" AS "createdAt", "updated_at" AS "updatedAt", "closed_at" AS "closedAt"
    FROM "sagaline_engine"."sagas" ${where} ORDER BY "created_at" DESC, "workflow_id" DESC LIMIT ${limit + 1}`;
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    items: page.map((row) => {
      const trouble = row.closedAt === null ? troubled.get(row.workflowId) : undefined;
      return { ...summaryOf(row), ...(trouble ? { state: trouble.kind } : {}) };
    }),
    ...(last ? { nextCursor: encodeCursor([last.createdAt.toISOString(), last.workflowId]) } : {}),
  };
}

function after(cursor: string): Prisma.Sql {
  const [createdAt, workflowId] = decodeCursor(cursor, Position);
  return Prisma.sql`("created_at", "workflow_id") < (${new Date(createdAt)}, ${workflowId})`;
}

/** A saga's row as the API shows it. */
export function summaryOf({
  workflowId,
  name,
  sagaId,
  state,
  parked,
  cause,
  createdAt,
  updatedAt,
  closedAt,
}: SummaryRow) {
  return {
    ...sagaLink(workflowId),
    name,
    sagaId,
    state,
    parked,
    ...(cause ? { cause } : {}),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    ...(closedAt ? { closedAt: closedAt.toISOString() } : {}),
  };
}
