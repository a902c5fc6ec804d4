import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type BundleOptions, type Logger, type WorkflowBundleOption } from '@temporalio/worker';

const ENTRY = fileURLToPath(new URL('./saga-entry.cjs', import.meta.url));

/** Beside the folder of the compiled sagas: dist/workflow-bundle.js for dist/workflows/. */
const prebuiltBundleOf = (sagas: URL): URL => new URL('../workflow-bundle.js', withSlash(sagas));

/** What files of sagas get when they import zod, whichever of its names they use. */
const STAND_IN = fileURLToPath(new URL('../kernel/zod-stand-in.cjs', import.meta.url));
/** The door of saga files, which is beside us, wherever they find the package: there must be one kernel. */
const DOOR = fileURLToPath(new URL(`../workflow${extname(import.meta.url)}`, import.meta.url));
const ALIASES = { zod$: STAND_IN, 'zod/v4$': STAND_IN, 'sagaline/workflow$': DOOR };

/**
 * The sagas of a folder as the Temporal sandbox runs them. A build has them bundled already; from source they are bundled here,
 * which takes a second or two.
 */
export async function sagaBundle(sagas: URL, logger?: Logger): Promise<WorkflowBundleOption> {
  const prebuilt = fileURLToPath(prebuiltBundleOf(sagas));
  return existsSync(prebuilt) ? { codePath: prebuilt } : bundleSagas(sagas, logger);
}

/** Told which files a bundle was made of, this one among them: as long as none of them changes, it stays what it is. */
type OnFiles = (files: readonly string[]) => void;

/**
 * Bundles the files `<name>.saga.ts` of a folder, TypeScript or what was compiled from it. Schemas that they declare do not bring
 * zod along.
 */
export function bundleSagas(sagas: URL, logger?: Logger, onFiles?: OnFiles): ReturnType<typeof bundleWorkflowCode> {
  return bundleWorkflowCode({
    workflowsPath: ENTRY,
    ...(logger ? { logger } : {}),
    webpackConfigHook: ({ resolve, plugins = [], ...config }) => ({
      ...config,
      plugins: onFiles ? [...plugins, filesPlugin(onFiles)] : plugins,
      // The SDK's own aliases are an object, though webpack takes a list as well.
      resolve: {
        ...resolve,
        alias: Object.assign({}, resolve?.alias, ALIASES, { 'sagaline-sagas': fileURLToPath(sagas) }),
      },
    }),
  });
}

type Plugin = NonNullable<ReturnType<NonNullable<BundleOptions['webpackConfigHook']>>['plugins']>[number];

function filesPlugin(onFiles: OnFiles): Plugin {
  return {
    apply: (compiler) =>
      compiler.hooks.afterCompile.tap('sagaline', ({ fileDependencies }) =>
        onFiles([...fileDependencies, fileURLToPath(import.meta.url)]),
      ),
  };
}

/** A URL without a slash at its end names a file, beside which others would be looked for. */
const withSlash = ({ href }: URL): string => (href.endsWith('/') ? href : `${href}/`);
