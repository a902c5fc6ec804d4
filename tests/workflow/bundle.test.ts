import { createRequire } from 'node:module';
import { DefaultLogger } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import type * as zod from 'zod';
import { bundleSagas } from '../../packages/sagaline/temporal/bundle.ts';
import { alertSaga } from '../../workflows/alert.saga.ts';
import { orderSaga } from '../../workflows/order.saga.ts';
import { signupSaga } from '../../workflows/signup.saga.ts';
import { app, sagas } from '../support/reference.ts';

/** As the bundle has it, where its type is zod's. */
const standIn = createRequire(import.meta.url)('../../packages/sagaline/kernel/zod-stand-in.cjs') as typeof zod;

describe('what enters the Temporal sandbox', () => {
  let modules: string[];
  beforeAll(async () => {
    const { code } = await bundleSagas(app.sagas, new DefaultLogger('ERROR'));
    modules = [...code.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map(([, module]) => module ?? '');
  });

  test('is our workflows and Temporal’s, whole', () => {
    expect(modules.filter((module) => module.includes('packages/sagaline/kernel/'))).toContainEqual(
      expect.stringContaining('packages/sagaline/kernel/run-saga.ts'),
    );
    expect(modules.filter((module) => /\.saga\.ts$/.test(module))).toHaveLength(sagas.length);
  });

  test('is no zod: schemas are declared there with what stands in for it, and nothing more', () => {
    expect(modules.filter((module) => module.includes('zod'))).toEqual(['./packages/sagaline/kernel/zod-stand-in.cjs']);
  });

  test('is no activity, and nothing of the outer rings', () => {
    expect(
      modules.filter((module) =>
        /(^|\/)(activities|gateways|prisma|stack|sandbox)\/|^\.\/packages\/sagaline\/(?!(kernel|contracts|workflow\.ts))/.test(
          ours(module),
        ),
      ),
    ).toEqual([]);
  });

  test('is no built-in module of Node', () => {
    expect(modules.filter((module) => /^(external |node:)/.test(module))).toEqual([]);
  });

  test('is no package but Temporal’s and what those need', () => {
    const packages = new Set(
      modules.flatMap((module) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(module)?.[1] ?? []),
    );
    expect([...packages].sort()).toEqual(expect.arrayContaining(['@temporalio/workflow']));
    expect([...packages].filter((name) => !name.startsWith('@temporalio/')).sort()).toEqual(TEMPORALS_OWN);
  });
});

describe('what stands in for zod', () => {
  test('is built with as zod is, however it was imported', () => {
    const base = standIn.z.object({ id: standIn.z.string().min(1).optional() });
    const schema = standIn
      .object({ more: standIn.z.int() })
      .extend(base.shape)
      .refine(() => true);
    expect('id' in schema.shape).toBe(true);
    expect(new standIn.ZodError([])).toBe(standIn);
  });

  test('is no promise, and no list', async () => {
    expect(await Promise.resolve(standIn)).toBe(standIn);
    expect(Symbol.iterator in standIn && Reflect.get(standIn, Symbol.iterator)).toBeUndefined();
  });

  test.each(['parse', 'safeParse', 'parseAsync', 'safeParseAsync', 'decode', 'safeEncode'])(
    '%s says that this is not the place',
    (method) => {
      const parse = Reflect.get(standIn.z.object({}), method) as () => unknown;
      expect(parse).toThrow('a schema parses nothing within a workflow');
    },
  );
});

describe('what dispatch reads', () => {
  for (const saga of [alertSaga, orderSaga, signupSaga]) {
    test(`${saga.name}: function and registration have one name`, () => {
      expect(saga.saga.name).toBe(saga.name);
    });
  }

  for (const { name, on, followUps, emits, events } of sagas) {
    test(`${name}: it carries the events that it starts on, hears and emits`, () => {
      const named = [on, ...followUps.map((rule) => rule.type), ...emits];
      expect(events.map(({ type }) => type).sort()).toEqual(named.sort());
    });
  }

  test('is every saga of the folder, once', () => {
    expect(sagas.map(({ name }) => name)).toEqual(['alertSaga', 'orderSaga', 'signupSaga']);
  });
});

function ours(module: string): string {
  return module.includes('node_modules/') || module.endsWith('packages/sagaline/temporal/saga-entry.cjs') ? '' : module;
}

/** What @temporalio/workflow brings along. */
const TEMPORALS_OWN = ['long', 'ms', 'nexus-rpc'];
