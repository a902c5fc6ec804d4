/** Global set-up of the workflow project: finds the Temporal servers and bundles the sagas, once for all files. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { bundleModule } from '../../packages/sagaline/temporal/bundle.ts';
import { ensureTemporal } from '../../stack/tools/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the Temporal command line, which has the dev server. */
    temporalCli: string;
    /** Path of the bundle of tests/workflow/sagas. */
    sagaBundle: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'sagaline-workflow-tests-'));
  const sagaBundle = join(directory, 'sagas.js');
  const [{ cli, testServer }, { code }] = await Promise.all([ensureTemporal(), bundleTestSagas()]);
  await writeFile(sagaBundle, code);
  project.provide('temporalTestServer', testServer);
  project.provide('temporalCli', cli);
  project.provide('sagaBundle', sagaBundle);
  return () => rm(directory, { recursive: true });
}

function bundleTestSagas() {
  const index = fileURLToPath(new URL('../workflow/sagas/index.ts', import.meta.url));
  return bundleModule(index, { logger: new DefaultLogger('ERROR') });
}
