/** Global set-up of the workflow project: finds the time-skipping server, once. */
import type { TestProject } from 'vitest/node';
import { ensureTemporal } from '../../stack/tools/index.ts';

export default async function setup(project: TestProject): Promise<void> {
  const { testServer } = await ensureTemporal();
  project.provide('temporalTestServer', testServer);
}
