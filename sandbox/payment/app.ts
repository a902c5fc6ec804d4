/** The payment provider's HTTP API. It knows nothing of Sagaline: it is the far end. */
import { z } from 'zod';
import { createSandboxApp, deliver, readBody, readIdempotencyKey, SandboxError } from '../http.ts';
import type { SandboxApp } from '../http.ts';
import { createChargeDesk } from './charges.ts';
import { totalsOf, type ChargeEntry, type Ledger, type RefundEntry } from './ledger.ts';
import { createRefundDesk } from './refunds.ts';
import { behaviourOf } from './tokens.ts';

const OrderId = z.string().min(1).max(128);
const ChargeRequest = z.object({
  amount: z.int().positive(),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR'),
  token: z.string().refine((token) => behaviourOf(token) !== undefined, 'is no test token; see sandbox/README.md'),
  metadata: z.object({ orderId: OrderId }),
});
const RefundRequest = z.object({ amount: z.int().positive().optional() });
const AllowRequest = z.object({ orderId: OrderId });

export function createPaymentApp(ledger: Ledger): SandboxApp {
  const app = createSandboxApp();
  const charges = createChargeDesk(ledger);
  const refunds = createRefundDesk(ledger);

  app.post('/v1/charges', async (c) => {
    const key = readIdempotencyKey(c.req.raw);
    const { charge, delivery } = await charges.create(key, await readBody(c.req.raw, ChargeRequest));
    await deliver(delivery, c.env.incoming);
    if (charge.type === 'captured') return c.json(chargeView(charge), 201);
    throw new SandboxError(402, 'card_declined', 'the card was declined', {
      reason: charge.reason,
      chargeId: charge.chargeId,
    });
  });

  app.get('/v1/charges', (c) => {
    const key = c.req.query('idempotencyKey');
    if (!key) throw new SandboxError(400, 'invalid_request', 'say which: ?idempotencyKey=');
    const charge = ledger.chargeByKey(key);
    return c.json({ charges: charge ? [chargeView(charge)] : [] });
  });

  app.post('/v1/charges/:id/refunds', async (c) => {
    const key = readIdempotencyKey(c.req.raw);
    const { refund, delivery } = await refunds.create(key, c.req.param('id'), await readBody(c.req.raw, RefundRequest));
    await deliver(delivery, c.env.incoming);
    return c.json(refundView(refund), 201);
  });

  app.get('/v1/ledger', (c) => {
    const entries = ledger.entries(c.req.query('orderId'));
    return c.json({
      totals: totalsOf(entries),
      entries: entries.map(({ type, at, chargeId, orderId, amount, currency, idempotencyKey }) => ({
        type,
        at,
        chargeId,
        orderId,
        amount,
        currency,
        idempotencyKey,
      })),
    });
  });

  app.post('/v1/sandbox/refunds/allow', async (c) => {
    const { orderId } = await readBody(c.req.raw, AllowRequest);
    await ledger.append({ type: 'refunds-allowed', at: new Date().toISOString(), orderId });
    return c.json({ orderId, refundsAllowed: true });
  });

  return app;
}

function chargeView({ type, chargeId, orderId, amount, currency, reason }: ChargeEntry) {
  return { id: chargeId, status: type, orderId, amount, currency, ...(reason === undefined ? {} : { reason }) };
}

function refundView({ refundId, chargeId, amount, currency }: RefundEntry) {
  return { id: refundId, chargeId, amount, currency };
}
