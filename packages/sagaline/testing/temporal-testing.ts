import type * as Testing from '@temporalio/testing';
import { PackageMissing } from './problems.ts';

/** Temporal's package for tests: only they need it. @throws PackageMissing */
export async function temporalTesting(): Promise<typeof Testing> {
  try {
    return await import('@temporalio/testing');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new PackageMissing('@temporalio/testing', 'sagaline/testing', cause);
  }
}
