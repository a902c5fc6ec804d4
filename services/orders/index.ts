/** The order service: takes orders, and tells what became of them. Charging and telling the customer is the saga's business. */
import { type Database, eventsOf, factIdOf, type PastEvent, recordEvent, workflowIdOf } from 'sagaline';
import { applicationTables } from '../../prisma/application.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import { orderEvents, type OrderCreated } from '../../workflows/events/order.ts';
import { orderStateOf, type OrderState } from './order-state.ts';

export interface OrderTaken {
  readonly orderId: string;
  /** Id of its order.created. */
  readonly eventId: string;
  /** The workflow that handles it, or will in a moment. */
  readonly workflowId: string;
}

export interface OrderView {
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly items: OrderCreated['items'];
  readonly state: OrderState;
  readonly events: readonly PastEvent[];
  readonly workflowId: string;
}

export interface OrderService {
  /**
   * Takes an order, once: the same order again changes nothing.
   *
   * @throws OrderExists when the id belongs to another order; InvalidEvent
   */
  place(order: OrderCreated, trace?: { readonly traceparent?: string | undefined }): Promise<OrderTaken>;
  /** Whether an order of this id was placed here. */
  knows(orderId: string): Promise<boolean>;
  /** An order that was placed here. */
  find(orderId: string): Promise<OrderView | undefined>;
}

/** The order id belongs to another order. */
export class OrderExists extends Error {
  override readonly name = 'OrderExists';
  constructor(orderId: string) {
    super(`order ${orderId} exists, with another content`);
  }
}

/** What handles orders; see workflows/order.saga.ts. */
const SAGA = 'orderSaga';

export function createOrderService({ database }: { readonly database: Database }): OrderService {
  const tables = applicationTables(database);

  return {
    async place(order, { traceparent } = {}) {
      const { orderId } = order;
      await tables.$transaction(async (tx) => {
        if (await isNew(tx, order)) await recordEvent(tx, orderEvents['order.created'], order, { traceparent });
      });
      return {
        orderId,
        eventId: factIdOf(orderEvents['order.created'], order),
        workflowId: workflowIdOf(SAGA, orderId),
      };
    },

    async knows(orderId) {
      return (await tables.order.count({ where: { orderId } })) > 0;
    },

    async find(orderId) {
      const row = await tables.order.findUnique({ where: { orderId }, omit: { content: true } });
      if (!row) return undefined;
      const { items, createdAt, ...rest } = row;
      const workflowId = workflowIdOf(SAGA, orderId);
      const events = [{ type: 'order.created', at: createdAt }, ...(await eventsOf(database, workflowId))];
      return { ...rest, items: items as OrderView['items'], workflowId, events, state: orderStateOf(events) };
    },
  };
}

/**
 * Writes the row. Of two requests at once, the second waits here for the first one's commit, and finds its row.
 *
 * @throws OrderExists
 */
async function isNew(tx: Prisma.TransactionClient, order: OrderCreated): Promise<boolean> {
  const { orderId, customerId, amount, currency, items } = order;
  const [row] = await tx.$queryRaw<{ fresh: boolean; same: boolean }[]>`
    INSERT INTO "orders" ("order_id", "customer_id", "amount", "currency", "items", "content")
    VALUES (${orderId}, ${customerId}, ${amount}::bigint, ${currency}, ${JSON.stringify(items)}::jsonb,
      encode(sha256(convert_to(${JSON.stringify(order)}::jsonb::text, 'UTF8')), 'hex'))
    ON CONFLICT ("order_id") DO UPDATE SET "order_id" = EXCLUDED."order_id"
    RETURNING (xmax = 0) AS "fresh",
      "content" = encode(sha256(convert_to(${JSON.stringify(order)}::jsonb::text, 'UTF8')), 'hex') AS "same"`;
  if (!row?.same) throw new OrderExists(orderId);
  return row.fresh;
}
