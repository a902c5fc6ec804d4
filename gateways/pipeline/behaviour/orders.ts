/**
 * Orders: each counts once, however often Kafka has it, and whichever of its events comes first. Of two stories about one
 * order the earlier one holds, whatever the order in which they are read.
 */
import type { ProjectionTransaction, ValidEventOf } from 'sagaline/pipeline';
import type { orderEvents } from '../../../workflows/events/order.ts';
import { addToPairs, pairsOf } from './pairs.ts';

export type Created = ValidEventOf<(typeof orderEvents)['order.created']>;
export type Completed = ValidEventOf<(typeof orderEvents)['order.completed']>;

/** What order.created tells of an order. */
interface Story {
  readonly orderId: string;
  readonly userId: string;
  readonly orderedAt: number;
  readonly skus: readonly string[];
}

interface Row {
  readonly order_id: string;
  readonly user_id: string | null;
  readonly ordered_at: string | null;
  readonly skus: string[] | null;
  readonly is_new: boolean;
}

export async function applyCreated(tx: ProjectionTransaction, events: readonly Created[]): Promise<void> {
  const stories = leastOf(events.map(storyOf));
  // The update changes nothing: it locks the row, in the order of the keys, and makes it come back as it is.
  const rows = await tx.query<Row>(
    `INSERT INTO "orders" ("order_id", "user_id", "ordered_at", "skus")
     SELECT "order_id", "user_id", "ordered_at", ARRAY(SELECT json_array_elements_text("skus"))
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::json[]) AS "new" ("order_id", "user_id", "ordered_at", "skus")
     ON CONFLICT ("order_id") DO UPDATE SET "order_id" = EXCLUDED."order_id"
     RETURNING "order_id", "user_id", "ordered_at", "skus", xmax = 0 AS "is_new"`,
    columnsOf([...stories.values()]),
  );
  const replaced: Story[] = [];
  const pairs = new Map<string, number>();
  const count = (skus: readonly string[], by: 1 | -1) => {
    for (const pair of pairsOf(skus)) pairs.set(pair, (pairs.get(pair) ?? 0) + by);
  };
  for (const row of rows) {
    const story = stories.get(row.order_id);
    if (!story) continue;
    const before = row.is_new ? undefined : storedStory(row);
    if (before && !precedes(story, before)) continue;
    if (!row.is_new) replaced.push(story);
    if (before) count(before.skus, -1);
    count(story.skus, 1);
  }
  await replace(tx, replaced);
  await addToPairs(tx, pairs);
}

export async function applyCompleted(tx: ProjectionTransaction, events: readonly Completed[]): Promise<void> {
  const paid = new Map<string, number>();
  for (const { time, payload } of events) {
    paid.set(payload.orderId, Math.min(time, paid.get(payload.orderId) ?? Infinity));
  }
  const rows = [...paid].sort(([a], [b]) => (a < b ? -1 : 1));
  await tx.query(
    `INSERT INTO "orders" ("order_id", "paid_at") SELECT * FROM unnest($1::text[], $2::bigint[])
     ON CONFLICT ("order_id") DO UPDATE SET "paid_at" = LEAST("orders"."paid_at", EXCLUDED."paid_at")`,
    [rows.map(([orderId]) => orderId), rows.map(([, time]) => time)],
  );
}

function storyOf({ time, payload }: Created): Story {
  const { orderId, customerId, items } = payload;
  const skus = [...new Set(items.map(({ sku }) => sku))].sort();
  return { orderId, userId: customerId, orderedAt: time, skus };
}

function storedStory(row: Row): Story | undefined {
  if (row.user_id === null || row.ordered_at === null) return undefined;
  return { orderId: row.order_id, userId: row.user_id, orderedAt: Number(row.ordered_at), skus: row.skus ?? [] };
}

/** By order id, in the order of ids. */
function leastOf(stories: readonly Story[]): Map<string, Story> {
  const least = new Map<string, Story>();
  for (const story of stories) {
    const other = least.get(story.orderId);
    if (!other || precedes(story, other)) least.set(story.orderId, story);
  }
  return new Map([...least].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function precedes(a: Story, b: Story): boolean {
  if (a.orderedAt !== b.orderedAt) return a.orderedAt < b.orderedAt;
  return JSON.stringify([a.userId, a.skus]) < JSON.stringify([b.userId, b.skus]);
}

async function replace(tx: ProjectionTransaction, stories: readonly Story[]): Promise<void> {
  if (stories.length === 0) return;
  await tx.query(
    `UPDATE "orders" SET "user_id" = "new"."user_id", "ordered_at" = "new"."ordered_at",
       "skus" = ARRAY(SELECT json_array_elements_text("new"."skus"))
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::json[]) AS "new" ("order_id", "user_id", "ordered_at", "skus")
     WHERE "orders"."order_id" = "new"."order_id"`,
    columnsOf(stories),
  );
}

const columnsOf = (stories: readonly Story[]): unknown[] => [
  stories.map(({ orderId }) => orderId),
  stories.map(({ userId }) => userId),
  stories.map(({ orderedAt }) => orderedAt),
  stories.map(({ skus }) => JSON.stringify(skus)),
];
