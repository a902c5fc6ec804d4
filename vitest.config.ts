import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Real servers answer in their own time, and a busy machine makes a property wait; a test that waits longer than this waits for
 * something that will not come.
 */
const SERVER_TEST_MS = 60_000;

/** Set by `npm run test:containers`: only then are there containers to do something to. */
const IN_CONTAINERS = process.env.SAGALINE_TEST_STACK === 'containers';

/** The package's doors, as tsconfig.json has them: tests run on its sources. */
const DOORS = ['workflow', 'http', 'pipeline', 'opensearch', 'testing', 'dev', 'node'].map((door) => ({
  find: new RegExp(door === 'node' ? '^sagaline$' : `^sagaline/${door}$`),
  replacement: fileURLToPath(new URL(`./packages/sagaline/${door}.ts`, import.meta.url)),
}));

export default defineConfig({
  resolve: { alias: DOORS },
  test: {
    // Two cores are enough to run everything; more workers would take them from the servers.
    maxWorkers: 2,
    teardownTimeout: 30_000,
    // A file a line: what real servers take is not worth one for each test.
    slowTestThreshold: 20_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], testTimeout: SERVER_TEST_MS } },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['tests/types/**/*.test-d.ts'],
            // Only what these tests import is compiled.
            tsconfig: 'tests/types/tsconfig.json',
            // The sources are the business of `npm run types`.
            ignoreSourceErrors: true,
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'workflow',
          include: ['tests/workflow/**/*.test.ts'],
          testTimeout: SERVER_TEST_MS,
          hookTimeout: SERVER_TEST_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'replay',
          include: ['tests/replay/**/*.test.ts'],
          testTimeout: SERVER_TEST_MS,
          hookTimeout: SERVER_TEST_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: 'tests/support/stack-integration.ts',
          testTimeout: SERVER_TEST_MS,
          hookTimeout: SERVER_TEST_MS,
          // After the others: what is wrong without servers is known first.
          sequence: { groupOrder: 1 },
        },
      },
      ...(IN_CONTAINERS
        ? [
            {
              extends: true as const,
              test: {
                name: 'containers',
                include: ['tests/containers/**/*.test.ts'],
                testTimeout: 2 * SERVER_TEST_MS,
                hookTimeout: 3 * SERVER_TEST_MS,
                // One after the other: each brings servers of its own, and stops them.
                maxWorkers: 1,
                sequence: { groupOrder: 2 },
              },
            },
          ]
        : []),
    ],
  },
});
