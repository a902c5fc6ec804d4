import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { SEARCH_ATTRIBUTES } from '../contracts/saga.ts';
import { temporalTesting } from './temporal-testing.ts';

const KEYWORD = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;

/**
 * A time-skipping server with our search attributes: without them the first workflow task that sets one never ends. Call
 * `teardown()` at the end.
 *
 * @param testServer path of Temporal's time-skipping test server
 */
export async function createTimeSkippingEnvironment(testServer: string): Promise<TestWorkflowEnvironment> {
  const { TestWorkflowEnvironment } = await temporalTesting();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: testServer } },
  });
  try {
    // This server cannot list what it has, which registering on a real one begins with; it is empty anyway.
    await environment.connection.operatorService.addSearchAttributes({
      namespace: environment.namespace ?? 'default',
      searchAttributes: Object.fromEntries(Object.values(SEARCH_ATTRIBUTES).map((name) => [name, KEYWORD])),
    });
    return environment;
  } catch (error) {
    await environment.teardown();
    throw error;
  }
}
