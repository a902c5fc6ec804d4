import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { businessKeyOf } from '../../../packages/sagaline/contracts/event.ts';
import { events } from '../../../workflows/events.ts';
import { catalogue } from '../../support/reference.ts';
import { anOrder, aUser } from '../../support/orders.ts';

const created = events['order.created'].schema;

/** Paths that a schema refuses in a value. */
function pathsRefused(
  schema: { safeParse(value: unknown): { error?: { issues: { path: PropertyKey[] }[] } | undefined } },
  value: unknown,
) {
  return schema.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? [];
}

const orderWith = (path: string, value: unknown): unknown => {
  const order = structuredClone(anOrder({ contact: { email: 'ada@customer.example', phone: '+4915112345678' } }));
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Record<string, unknown>>(
    (object, key) => object[key] as Record<string, unknown>,
    order as unknown as Record<string, unknown>,
  );
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return order;
};

const wrongIds = ['', '-begins-badly', 'a:b', 'a/b', 'a b', 'ä', 'a\n', 'x'.repeat(129), 7, null, undefined, {}];
const wrongAmounts = [0, -1, 19.99, '1999', NaN, Infinity, 2 ** 53, 1e21, null, undefined];
const wrong: Record<string, unknown[]> = {
  orderId: wrongIds,
  customerId: wrongIds,
  amount: wrongAmounts,
  currency: ['eur', 'EURO', 'EU', 'E1R', '', ' EUR', 978, null, undefined],
  items: [[], {}, null, undefined, 'book'],
  'items.0.sku': ['', 'x'.repeat(65), 7, undefined],
  'items.0.quantity': [0, -1, 1.5, 1_000_001, '1', undefined],
  'items.0.unitPrice': [-1, 0.5, 2 ** 53, '1999', undefined],
  'contact.email': ['', 'ada', 'ada@', '@customer.example', `${'x'.repeat(250)}@customer.example`, undefined],
  'contact.phone': ['015112345678', '+0151', '+49 151 12345678', '+1', '+1234567890123456', ''],
  'paymentMethod.token': ['', '4111111111111111', 'tok_', 'tok_a-b', `tok_${'x'.repeat(65)}`, undefined],
};

describe('order.created', () => {
  test('a valid order is taken as it is', () => {
    expect(created.parse(anOrder())).toEqual(anOrder());
  });

  for (const [path, values] of Object.entries(wrong)) {
    test.each(values)(`${path}: %j is refused, with its path`, (value) => {
      expect(pathsRefused(created, orderWith(path, value))).toEqual([path]);
    });
  }

  test('more than 500 items are refused', () => {
    const [item] = anOrder().items;
    expect(pathsRefused(created, { ...anOrder(), items: Array.from({ length: 501 }, () => item) })).toEqual(['items']);
  });

  test('unknown fields are dropped, also those that would reach a prototype', () => {
    const order: unknown = JSON.parse(
      `{"coupon": 1, "__proto__": {"admin": true}, ${JSON.stringify(anOrder()).slice(1)}`,
    );
    const parsed = created.parse(order);
    expect(parsed).toEqual(anOrder());
    expect('admin' in parsed).toBe(false);
  });

  test('whatever is taken survives JSON, which Kafka and Temporal carry it in', () => {
    fc.assert(
      fc.property(validOrders, (order) => {
        const parsed = created.parse(order);
        expect(created.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
      }),
    );
  });

  test('nothing that is no object is taken, and nothing throws but the schema', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(created.safeParse(value).success).toBe(false);
      }),
    );
  });
});

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~@-]{0,127}$/);
const money = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const validOrders = fc.record({
  orderId: id,
  customerId: id,
  amount: money,
  currency: fc.stringMatching(/^[A-Z]{3}$/),
  items: fc.array(
    fc.record({
      sku: fc.string({ minLength: 1, maxLength: 64 }),
      quantity: fc.integer({ min: 1, max: 1_000_000 }),
      unitPrice: fc.nat(),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  contact: fc.record({ email: fc.constant('ada@customer.example') }),
  paymentMethod: fc.record({ token: fc.stringMatching(/^tok_[A-Za-z0-9_]{1,64}$/) }),
});

describe('user.created and user.activity', () => {
  test('a valid sign-up is taken, a wrong address is not', () => {
    expect(events['user.created'].schema.parse(aUser())).toEqual(aUser());
    expect(pathsRefused(events['user.created'].schema, aUser({ email: 'nobody' }))).toEqual(['email']);
  });

  test.each(['yesterday', '2026-11-22', '2026-11-22T10:00:00', 1_795_341_600])('at: %j is no RFC 3339 time', (at) => {
    const activity = { userId: 'u-1', action: 'login', at };
    expect(pathsRefused(events['user.activity'].schema, activity)).toEqual(['at']);
  });
});

describe('outcomes of a saga that was rolled back', () => {
  const rejected = {
    orderId: 'o-1',
    reason: 'PaymentDeclined',
    step: 'payment',
    compensated: ['payment'],
    skipped: [],
  };

  test('tell reason, compensated and skipped', () => {
    expect(events['order.rejected'].schema.parse(rejected)).toEqual(rejected);
    const { orderId } = rejected;
    expect(pathsRefused(events['order.rejected'].schema, { orderId })).toEqual(['reason', 'compensated', 'skipped']);
  });

  test('a skipped step has a reason', () => {
    const skipped = [{ step: 'payment', reason: '' }];
    expect(pathsRefused(events['order.rejected'].schema, { ...rejected, skipped })).toEqual(['skipped.0.reason']);
  });
});

describe('event types', () => {
  test.each(Object.entries(events))('%s has its business key among its required fields', (_, event) => {
    expect(pathsRefused(event.schema, {})).toContain(event.key);
    expect(businessKeyOf(event, { [event.key]: 'k-1' })).toBe('k-1');
  });

  test.each(['toString', '__proto__', 'constructor', '', 'order.Created'])('%j is none', (type) => {
    expect(catalogue.find(type)).toBeUndefined();
  });
});
