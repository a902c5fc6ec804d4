/** The saga row: claimed by compare-and-set, in one statement together with the event that the claim emits. */
import type { Database } from '../prisma/database.ts';
import { Prisma } from '../prisma/generated/client.ts';
import type { SagaRef, Winner } from '../contracts/participants.ts';
import type { AbortCause, Journey, SagaState } from '../contracts/saga.ts';
import { storable } from '../contracts/text.ts';
import { standingOf, takeBackAll, type LocalEffects } from '../participants/local/effects.ts';
import { appendEventSql, type OutboxEntry } from '../outbox/append-event.ts';

export interface Claim {
  readonly saga: SagaRef;
  readonly from: SagaState;
  readonly to: SagaState;
  readonly cause?: AbortCause;
  readonly journey?: Journey;
  /** Emitted if, and only if, the row says `to` afterwards; its event id makes it once. */
  readonly event?: OutboxEntry;
  /** Of which what still stands of the workflow is taken back if, and only if, the row says `to` afterwards. */
  readonly effects?: readonly LocalEffects[];
}

interface StoredWinner {
  readonly state: SagaState;
  readonly cause: AbortCause | null;
}

/** States that no claim leaves. */
const CLOSED: ReadonlySet<SagaState> = new Set<SagaState>(['completed', 'rejected', 'cancelled', 'failed']);

/**
 * Moves the row from one state to another if it is still there, and returns what it says afterwards, whoever won. A saga that
 * was started by hand has no row yet: it gets one, so that nothing is lost.
 *
 * The update always matches and decides in its values, not in its condition: a claim that waited for another one's lock then
 * sees the winner, where a condition would have found nothing, and a sub-select the state before the wait.
 */
export async function claim(database: Database, wanted: Claim): Promise<Winner> {
  const { saga, from, to, cause, journey, event, effects = [] } = wanted;
  const won = Prisma.sql`"sagas"."state" = ${from}`;
  const emit = event
    ? Prisma.sql`CASE WHEN "state" = ${to} THEN ${appendEventSql(event)} ELSE false END`
    : Prisma.sql`false`;
  const closes = CLOSED.has(to);
  const claimed = Prisma.sql`EXISTS (SELECT 1 FROM claimed WHERE "state" = ${to})`;
  const takenBack = takeBackAll(effects, standingOf(saga.workflowId, journey ?? { steps: [] }, claimed));
  const [row] = await database.$queryRaw<StoredWinner[]>`
    WITH claimed AS (
      INSERT INTO "sagaline_engine"."sagas" (${rowColumns}, "closed_at")
      VALUES (${rowValues(saga, to, { cause, journey })}, CASE WHEN ${closes} THEN now() END)
      ON CONFLICT ("workflow_id") DO UPDATE SET
        "state" = CASE WHEN ${won} THEN EXCLUDED."state" ELSE "sagas"."state" END,
        "cause" = CASE WHEN ${won} THEN COALESCE(EXCLUDED."cause", "sagas"."cause") ELSE "sagas"."cause" END,
        "journey" = CASE WHEN ${won} THEN COALESCE(EXCLUDED."journey", "sagas"."journey") ELSE "sagas"."journey" END,
        "parked" = CASE WHEN ${won} THEN EXCLUDED."parked" ELSE "sagas"."parked" END,
        "updated_at" = CASE WHEN ${won} THEN now() ELSE "sagas"."updated_at" END,
        "closed_at" = CASE WHEN ${won} THEN EXCLUDED."closed_at" ELSE "sagas"."closed_at" END
      RETURNING "state", "cause"
    )${takenBack}
    SELECT "state", "cause", ${emit} AS "emitted", ${alone(saga, to)} AS "alone" FROM claimed`;
  if (!row) throw new Error('the claim returned no saga row');
  return row.cause ? { state: row.state, cause: row.cause } : { state: row.state };
}

/**
 * A rollback waits for the local actions that are about to commit, and those after it see it (`saga_lets_act`). Where there is a row,
 * its lock does that; here for a saga without one. Taken anywhere in the statement, for it holds until the commit.
 */
function alone({ workflowId }: SagaRef, to: SagaState): Prisma.Sql {
  if (to !== 'rollingBack') return Prisma.sql`true`;
  return Prisma.sql`pg_advisory_xact_lock(hashtextextended(${workflowId}, 7742)) IS NULL`;
}

/** Shows the parked steps on the row of a saga that is not closed; a late report changes nothing. */
export async function park(
  database: Database,
  { saga, parked, journey }: { saga: SagaRef; parked: readonly string[]; journey: Journey },
): Promise<void> {
  const state = journey.cause ? 'rollingBack' : 'running';
  await database.$executeRaw`
    INSERT INTO "sagaline_engine"."sagas" (${rowColumns})
    VALUES (${rowValues(saga, state, { cause: journey.cause, journey, parked })})
    ON CONFLICT ("workflow_id") DO UPDATE SET
      "parked" = EXCLUDED."parked", "journey" = EXCLUDED."journey", "updated_at" = now()
    WHERE "sagas"."state" IN ('running', 'rollingBack')`;
}

const rowColumns = Prisma.raw(
  `"workflow_id", "name", "saga_id", "state", "parked", "cause", "journey", "event_id", "payload_hash",
   "topic", "partition", "offset", "traceparent", "delivered"`,
);

interface RowContent {
  readonly cause?: AbortCause | undefined;
  readonly journey?: Journey | undefined;
  readonly parked?: readonly string[];
}

/** The values of a row for a saga that no event of ours started. Topic `manual` says so in every list. */
function rowValues({ workflowId, sagaName, sagaId, traceparent }: SagaRef, state: SagaState, content: RowContent) {
  const { cause, journey, parked = [] } = content;
  return Prisma.sql`
    ${workflowId}, ${sagaName}, ${sagaId}, ${state}, ${parked}::text[], ${json(cause)}::jsonb, ${json(journey)}::jsonb,
    ${`manual:${workflowId}`}, '', 'manual', 0, 0, ${traceparent ?? null}, '{}'::text[]`;
}

/** A kernel of before lets text through that jsonb refuses for ever: its sagas would wait for the end of an outage. */
function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(storable(value));
}
