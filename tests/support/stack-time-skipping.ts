import { TestWorkflowEnvironment } from '@temporalio/testing';
import { inject } from 'vitest';
import { registerSearchAttributesOn } from '../../stack/search-attributes.ts';
import './stack.ts';

/**
 * A time-skipping server for one test file, with our search attributes: without them the first workflow task that sets one
 * never ends. Call `teardown()` at the end.
 */
export async function createTimeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('temporalTestServer') } },
  });
  try {
    await registerSearchAttributesOn(environment.connection, environment.namespace ?? 'default');
    return environment;
  } catch (error) {
    await environment.teardown();
    throw error;
  }
}
