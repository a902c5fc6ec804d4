import { beforeAll, describe, expect, test } from 'vitest';
import { bundleWorkflows } from '../../../gateways/temporal/bundle.ts';

const SILENT = () => undefined;
const logger = { log: SILENT, trace: SILENT, debug: SILENT, info: SILENT, warn: SILENT, error: SILENT };

describe('the workflow bundle', () => {
  let modules: string[] = [];

  beforeAll(async () => {
    const { code } = await bundleWorkflows(logger);
    modules = [...code.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map(([, name]) => name ?? '');
  }, 60_000);

  test('has the sagas and the kernel', () => {
    expect(modules).toEqual(expect.arrayContaining(['./workflows/index.ts', './workflows/kernel/define-saga.ts']));
  });

  test('has no schemas, no activity, no gateway and no Node built-in', () => {
    expect(
      modules.filter((name) => /zod|contracts\/(events|primitives)|^\.\/(activities|gateways|prisma)|node:/.test(name)),
    ).toEqual([]);
  });
});
