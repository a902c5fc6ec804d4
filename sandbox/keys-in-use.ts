import { SandboxError } from './http.ts';

/** Runs one task at a time per key, and turns away who comes meanwhile, as providers do: the answer to the first is not there yet. */
export type KeysInUse = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/** @throws SandboxError 409 `idempotency_key_in_use`, whatever the request's content */
export function createKeysInUse(): KeysInUse {
  const inUse = new Set<string>();
  return async function useKey(key, task) {
    if (inUse.has(key)) {
      const what = 'a request with this Idempotency-Key is being handled: try again later';
      throw new SandboxError(409, 'idempotency_key_in_use', what);
    }
    inUse.add(key);
    try {
      return await task();
    } finally {
      inUse.delete(key);
    }
  };
}
