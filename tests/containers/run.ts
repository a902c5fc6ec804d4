/**
 * npm run test:containers [-- vitest's own arguments]: the integration tests, and those of tests/containers, on servers in
 * containers. Ends with the line `tests: N passed, N failed`; where there are no containers, says why and ends well.
 */
import { NoContainers, openEngine } from '../../stack/containers/engine.ts';

try {
  await openEngine();
} catch (error) {
  if (!(error instanceof NoContainers)) throw error;
  process.stdout.write(`container tests skipped: ${error.message}\n`);
  process.exit(0);
}
process.env.SAGALINE_TEST_STACK = 'containers';
if (!process.argv.includes('--project')) process.argv.push('--project', 'integration', '--project', 'containers');
await import('../run.ts');
