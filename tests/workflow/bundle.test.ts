import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { isEventType } from '../../workflows/contracts/events.ts';
import * as sagas from '../../workflows/index.ts';

describe('what enters the Temporal sandbox', () => {
  let modules: string[];
  beforeAll(async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    });
    modules = [...code.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map(([, module]) => module ?? '');
  });

  test('is our workflows and Temporal’s, whole', () => {
    expect(modules.filter((module) => module.includes('workflows/kernel/'))).toContainEqual(
      expect.stringContaining('workflows/kernel/run-saga.ts'),
    );
    expect(modules.filter((module) => /\.saga\.ts$/.test(module))).toHaveLength(Object.keys(sagas).length);
  });

  test('is no zod, and no schema', () => {
    expect(modules.filter((module) => /zod|contracts\/(events|primitives)/.test(module))).toEqual([]);
  });

  test('is no activity, and nothing of the outer rings', () => {
    expect(modules.filter((module) => /(^|\/)(activities|gateways|prisma|stack|sandbox)\//.test(ours(module)))).toEqual(
      [],
    );
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

describe('what dispatch reads', () => {
  for (const [name, saga] of Object.entries(sagas)) {
    test(`${name}: export, function and registration have one name`, () => {
      expect(saga.saga.name).toBe(name);
      expect(saga.name).toBe(name);
    });

    test(`${name}: it starts on, hears and emits events that exist`, () => {
      const { on, followUps, emits } = saga.saga;
      for (const type of [on, ...followUps.map((rule) => rule.type), ...emits]) expect(isEventType(type)).toBe(true);
    });
  }

  test('no two sagas of one name', () => {
    const names = Object.values(sagas).map(({ saga }) => saga.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

function ours(module: string): string {
  return module.includes('node_modules/') ? '' : module;
}

/** What @temporalio/workflow brings along. */
const TEMPORALS_OWN = ['long', 'ms', 'nexus-rpc'];
