import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleSagas } from '../../../packages/sagaline/temporal/bundle.ts';
import { quietLogger } from '../../../packages/sagaline/testing/quiet-runtime.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** Ignored by git, and inside the project, so that the copy finds its packages. */
const SCRATCH = join(ROOT, '.sagaline');

/**
 * Bundles a copy of the workflows in which one file reads otherwise: what a careless change would be.
 *
 * @throws Error when the edit changed nothing, for then a test with it would show nothing
 */
export async function bundleWithEdit(
  file: string,
  edit: (source: string) => string,
): Promise<WorkflowBundleWithSourceMap> {
  await mkdir(SCRATCH, { recursive: true });
  const directory = await mkdtemp(join(SCRATCH, 'changed-workflows-'));
  try {
    await cp(join(ROOT, 'workflows'), directory, { recursive: true });
    const path = join(directory, file);
    const source = await readFile(path, 'utf8');
    const edited = edit(source);
    if (edited === source) throw new Error(`the edit found nothing to change in ${file}: adapt it to the file`);
    await writeFile(path, edited);
    return await bundleSagas(pathToFileURL(directory), quietLogger);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
