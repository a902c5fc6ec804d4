import { KERNEL_VERSION } from '../contracts/saga.ts';
import { ProgrammingError } from './errors.ts';

/** What a saga's kernel version decides: each rule changes what the kernel asks Temporal for, and when. */
export interface KernelRules {
  /** A step's time is an account of what participants take; before, Temporal's clock ran through our own outages, too. */
  readonly outagesAreFree: boolean;
  /** `saga.next` looks before it waits, also when it may not wait at all. */
  readonly nextLooksFirst: boolean;
}

/**
 * The rules of a kernel version, 1 when a saga's input names none.
 *
 * @throws ProgrammingError for one that this code does not know: a worker of before, which a deploy mends
 */
export function rulesOf(version = 1): KernelRules {
  if (!Number.isInteger(version) || version < 1 || version > KERNEL_VERSION) {
    throw new ProgrammingError(
      `the saga wants kernel ${version}, this worker has ${KERNEL_VERSION}: deploy workers before gateways`,
    );
  }
  return { outagesAreFree: version >= 2, nextLooksFirst: version >= 2 };
}
