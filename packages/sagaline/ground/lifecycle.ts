/** Start and end of a process: what was opened last is drained first, within a bound, and every exit says why. */
import { InvalidConfiguration } from '../config/config.ts';
import { faultOf } from './fault.ts';
import type { Logger } from './logger.ts';

/** Something that runs until it is closed. */
export interface Part {
  readonly name: string;
  /** Takes nothing new, ends what is in hand, lets go of its resources. */
  close(): Promise<void>;
  /** Rejects when the part cannot go on: the process then drains and ends with the reason. */
  readonly failed?: Promise<never>;
}

/** The world outside must be mended before the process can run: its message is all an operator needs, without a stack. */
export class CannotStart extends Error {
  override readonly name: string = 'CannotStart';
}

export interface LifecycleOptions {
  readonly logger: Logger;
  /** How long draining may take before the process goes anyway, in ms. */
  readonly shutdownTimeoutMs: number;
  /** Ends the process; replaced in tests. */
  readonly exit?: (code: number) => void;
}

export interface Lifecycle {
  /** Registers a part that runs; parts are closed in reverse order. Returns its argument's value for chaining. */
  add(part: Part): void;
  /** True from the first signal on: readiness says so, and load balancers look elsewhere. */
  isStopping(): boolean;
  /** Drains all parts and ends the process: 0 after a signal, 1 when a part failed, did not close, or took too long. */
  stop(reason: string, code?: number): Promise<void>;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Listens to SIGTERM and SIGINT from now on. A second signal ends the process at once, with exit code 1. */
export function createLifecycle({
  logger,
  shutdownTimeoutMs,
  exit = (code) => process.exit(code),
}: LifecycleOptions): Lifecycle {
  const parts: Part[] = [];
  let stopping: Promise<void> | undefined;

  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!stopping) return void stop(`received ${signal}`);
      logger.error({ open: parts.map(({ name }) => name) }, `received ${signal} while stopping: going at once`);
      exit(1);
    });
  }

  function add(part: Part): void {
    parts.push(part);
    part.failed?.catch((error: unknown) => {
      if (stopping) return;
      logger.fatal({ err: error, part: part.name }, `${part.name} failed: ${messageOf(error)}`);
      void stop(`${part.name} failed`, 1);
    });
  }

  function stop(reason: string, code = 0): Promise<void> {
    stopping ??= drain(reason, code);
    return stopping;
  }

  async function drain(reason: string, code: number): Promise<void> {
    logger.info({ parts: parts.map(({ name }) => name) }, `stopping: ${reason}`);
    const overrun = setTimeout(() => {
      const open = parts.map(({ name }) => name);
      logger.fatal({ open }, `did not stop within ${shutdownTimeoutMs} ms: ${open.join(', ')} still open`);
      exit(1);
    }, shutdownTimeoutMs);
    let exitCode = code;
    for (let part = parts.at(-1); part; part = parts.at(-1)) {
      try {
        await part.close();
      } catch (error) {
        exitCode = 1;
        logger.error({ err: error, part: part.name }, `${part.name} did not close cleanly`);
      }
      parts.pop();
    }
    clearTimeout(overrun);
    logger.info(`stopped: ${reason}`);
    exit(exitCode);
  }

  return { add, isStopping: () => stopping !== undefined, stop };
}

/**
 * Runs a process's main function. What keeps it from starting is said on standard error: exit code 2 for a wrong configuration,
 * 1 for everything else. In words where the world outside must be mended, a server that went away in the middle of the start
 * included; with a stack where we must.
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`cannot start: ${inWords(error) ?? describe(error)}\n`);
    process.exit(error instanceof InvalidConfiguration ? 2 : 1);
  }
}

function inWords(error: unknown): string | undefined {
  if (error instanceof InvalidConfiguration || error instanceof CannotStart) return error.message;
  if (faultOf(error) !== 'outage') return undefined;
  // Prisma puts the line of code that asked before what went wrong.
  const said = messageOf(error)
    .split('\n')
    .findLast((line) => line.trim() !== '');
  return `a server that this process needs went away while it started: ${said?.trim() ?? 'no reason given'}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
