import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type BundleOptions, type Logger, type WorkflowBundleOption } from '@temporalio/worker';

/** Beside the compiled sources: dist/gateways/temporal/bundle.js finds dist/workflow-bundle.js. */
const PREBUILT = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** What files of sagas get when they import zod, whichever of its names they use. */
const STAND_IN = fileURLToPath(new URL('../../workflows/kernel/zod-stand-in.cjs', import.meta.url));
const ZOD = { zod$: STAND_IN, 'zod/v4$': STAND_IN };

/**
 * The workflows as the Temporal sandbox runs them. A build has them bundled already; from source they are bundled here, which
 * takes a second or two.
 */
export async function workflowBundle(logger?: Logger): Promise<WorkflowBundleOption> {
  return existsSync(PREBUILT) ? { codePath: PREBUILT } : bundleWorkflows(logger);
}

/** Bundles workflows/index from where this file's own sources are: TypeScript, or what was compiled from it. */
export function bundleWorkflows(logger?: Logger): ReturnType<typeof bundleWorkflowCode> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return bundleSagas(fileURLToPath(new URL(`../../workflows/index.${extension}`, import.meta.url)), logger);
}

/** Bundles what a module exports: schemas that it declares do not bring zod along. */
export function bundleSagas(workflowsPath: string, logger?: Logger): ReturnType<typeof bundleWorkflowCode> {
  return bundleWorkflowCode({ workflowsPath, webpackConfigHook: withoutZod, ...(logger ? { logger } : {}) });
}

const withoutZod: NonNullable<BundleOptions['webpackConfigHook']> = ({ resolve, ...config }) => ({
  ...config,
  // The SDK's own aliases are an object, though webpack takes a list as well.
  resolve: { ...resolve, alias: Object.assign({}, resolve?.alias, ZOD) },
});
