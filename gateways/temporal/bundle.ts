import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker';

/** Beside the compiled sources: dist/gateways/temporal/bundle.js finds dist/workflow-bundle.js. */
const PREBUILT = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

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
  const workflowsPath = fileURLToPath(new URL(`../../workflows/index.${extension}`, import.meta.url));
  return bundleWorkflowCode({ workflowsPath, ...(logger ? { logger } : {}) });
}
