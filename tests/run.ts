/** npm test [-- vitest's own arguments]: runs the tests and ends with the line `tests: N passed, N failed`. */
import type { SerializedError } from 'vitest';
import { parseCLI, startVitest, type Reporter, type TestModule } from 'vitest/node';

const counts = { passed: 0, failed: 0 };
/** Said once more at the very end, where whoever reads only that will find them. */
const failures: string[] = [];

const counter: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    for (const error of unhandledErrors) fail('outside of any test', [error]);
    modules.forEach(count);
  },
};

function count(module: TestModule): void {
  // A file that could not be loaded, and a hook that failed, are failures too, though no test tells of them.
  for (const part of [module, ...module.children.allSuites()]) {
    if (part.errors().length > 0) fail(`${module.relativeModuleId} > ${part.type}`, part.errors());
  }
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    if (state === 'passed') counts.passed += 1;
    if (state === 'failed') fail(`${module.relativeModuleId} > ${test.fullName}`, errors);
  }
}

function fail(where: string, errors: readonly SerializedError[]): void {
  counts.failed += 1;
  failures.push(`failed: ${where}\n${errors.map(({ name, message }) => `        ${name}: ${message}`).join('\n')}\n`);
}

/** Never resolves to 0 unless tests ran and all of them passed. */
async function runTests(): Promise<number> {
  try {
    const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
    await startVitest('test', filter, { ...options, run: true, reporters: ['default', counter] });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  }
  if (counts.failed > 0 || counts.passed === 0) return 1;
  return Number(process.exitCode ?? 0);
}

const code = await runTests();
process.stdout.write(`${failures.join('')}tests: ${counts.passed} passed, ${counts.failed} failed\n`, () =>
  process.exit(code),
);
