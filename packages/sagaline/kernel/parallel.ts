/**
 * Waits for all, also when one fails: the first failure, in the order given, is thrown when every step has settled.
 *
 * @example const [stock, payment] = await saga.parallel(saga.compensatable('stock', …), saga.compensatable('payment', …));
 */
export async function parallel<T extends readonly unknown[]>(...steps: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const settled = await Promise.allSettled(steps);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
