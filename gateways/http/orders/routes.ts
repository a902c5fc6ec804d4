import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  type AppEnv,
  BODY_PROBLEMS,
  defineRoutes,
  IdempotencyKey,
  idempotentRequest,
  idOf,
  IdParams,
  json,
  orProblem,
  parsePayload,
  Problem,
  problems,
  producerEventId,
  refuseConflict,
  sagaLink,
  SagaLink,
  sourceOf,
  validTraceparent,
} from 'sagaline/http';
import { OrderExists, createOrderService, type OrderTaken } from '../../../services/orders/index.ts';
import { orderEvents } from '../../../workflows/events/order.ts';

const { schema: NewOrder } = orderEvents['order.created'];
const PastEvent = z.object({ type: z.string(), at: z.iso.datetime() });

const Taken = z
  .object({ orderId: z.string(), href: z.string(), eventId: z.string(), saga: SagaLink })
  .openapi('OrderTaken');

const Order = NewOrder.pick({ orderId: true, customerId: true, amount: true, currency: true, items: true })
  .extend({
    href: z.string(),
    state: z.enum(['created', 'paid', 'declined', 'refunded', 'completed', 'rejected', 'cancelled']),
    events: z.array(PastEvent).openapi({ description: 'What happened to it, oldest first' }),
    saga: SagaLink,
  })
  .openapi('Order');

const detail = createRoute({
  method: 'get',
  path: '/v1/orders/{id}',
  tags: ['orders'],
  summary: 'An order that was placed here, and its state as its events say',
  request: { params: IdParams },
  responses: { 200: json('The order', Order), ...problems('not-found') },
});

/** POST /v1/orders and GET /v1/orders/:id: the order service. */
export const orderRoutes = defineRoutes('orders', {
  register(app, { database, routes, failpoint, idempotency, guards }) {
    const orders = createOrderService({ database });
    document(app);

    app.post('/v1/orders', ...guards.json, async (c) => {
      const order = orProblem(() => parsePayload(orderEvents['order.created'], c.get('body')));
      const request = idempotentRequest(c);
      // A key that came with another request is refused before anything is done; the answer itself follows from the order.
      if (request) await idempotency.remember(request, 201, { orderId: order.orderId });
      await refuseConflict(database, routes.targetsOf('order.created', order), order, () =>
        orders.knows(order.orderId),
      );
      const answer = takenOf(await placed(order, validTraceparent(c.req.header('traceparent'))));
      c.set('saga', answer.saga.id);
      failpoint('http.before-answer');
      return c.json(answer, 201, { Location: answer.href });
    });

    app.openapi(detail, async (c) => {
      const order = await orders.find(idOf(c));
      if (!order) throw new Problem('not-found', 'no order with this id was placed here');
      const { workflowId, amount, events: happened, ...rest } = order;
      const history = happened.map(({ type, at }) => ({ type, at: at.toISOString() }));
      const links = { href: hrefOf(order.orderId), saga: sagaLink(workflowId) };
      return c.json({ ...rest, amount: Number(amount), events: history, ...links }, 200);
    });

    async function placed(order: z.infer<typeof NewOrder>, traceparent: string | undefined): Promise<OrderTaken> {
      try {
        return await orders.place(order, { traceparent });
      } catch (error) {
        if (error instanceof OrderExists) throw new Problem('already-exists', error.message);
        throw error;
      }
    }
  },
});

const hrefOf = (orderId: string): string => `/v1/orders/${encodeURIComponent(orderId)}`;

/** The event id is the one under which the inbox will know it: the relay publishes it as a CloudEvent. */
function takenOf({ orderId, eventId, workflowId }: OrderTaken) {
  return {
    orderId,
    href: hrefOf(orderId),
    eventId: producerEventId(sourceOf(undefined), eventId),
    saga: sagaLink(workflowId),
  };
}

function document(app: OpenAPIHono<AppEnv>): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/orders',
    tags: ['orders'],
    summary: 'Takes an order: its row and its order.created are there together, and the saga starts',
    request: { headers: IdempotencyKey, body: { ...json('The order', NewOrder), required: true } },
    responses: {
      201: json('It is taken; the same order again gives the same answer', Taken),
      ...problems('already-exists', 'conflicting-duplicate', 'idempotency-key-reused', ...BODY_PROBLEMS),
    },
  });
}
