/** npm test [-- vitest's own arguments]: runs the tests and ends with the line `tests: N passed, N failed`. */
import { parseCLI, startVitest, type Reporter, type TestModule } from 'vitest/node';

const counts = { passed: 0, failed: 0 };

const counter: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    counts.failed += unhandledErrors.length;
    modules.forEach(count);
  },
};

function count(module: TestModule): void {
  // A file that could not be loaded, and a hook that failed, are failures too, though no test tells of them.
  for (const part of [module, ...module.children.allSuites()]) {
    if (part.errors().length > 0) counts.failed += 1;
  }
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') counts.passed += 1;
    if (state === 'failed') counts.failed += 1;
  }
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
process.stdout.write(`tests: ${counts.passed} passed, ${counts.failed} failed\n`, () => process.exit(code));
