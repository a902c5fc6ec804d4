/** The runner whose tests these are: told what to do when a file's tests are over. Vitest, Jest and Node's own are known. */
type Hook = (close: () => Promise<void>) => unknown;

interface WithHook {
  readonly afterAll?: Hook;
}

/** Undefined where no runner is known: then `close()` of the tests is for their author to call. */
export const afterAllTests: Hook | undefined = await findHook();

async function findHook(): Promise<Hook | undefined> {
  // Jest's, and Vitest's where its functions are global.
  const { afterAll } = globalThis as WithHook;
  if (typeof afterAll === 'function') return afterAll;
  if (process.env.VITEST) return (await import('vitest')).afterAll;
  if (process.env.NODE_TEST_CONTEXT) return (await import('node:test')).after;
  return undefined;
}
