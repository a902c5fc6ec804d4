import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** What waits for a reader that is slow, at most; in UTF-16 units, which is near enough. */
const MAX_WAITING = 16 * 1024 * 1024;
const BUSY_MS = 10;
/** How long the last lines of a process wait for a reader that does not read. */
const LAST_LINES_MS = 500;

export interface LogOutput extends DestinationStream {
  /** Writes what waits, as far as it can be; for the end of a process, which pino calls it at, too. */
  flushSync(): void;
}

/**
 * Where log lines go: a file descriptor, written without blocking. Pino's own destination never ends its last flush when the
 * reader is gone (`| head`, a log collector that died), and keeps without bound what a slow one does not read.
 *
 * Lines for a reader that is gone are nobody's business: the process goes on without them.
 */
export function createLogOutput(fd = 1): LogOutput {
  let waiting = '';
  let dropped = 0;
  let inHand: Buffer | undefined;
  let isGone = false;

  function writeNext(): void {
    if (inHand || isGone || (waiting === '' && dropped === 0)) return;
    inHand = Buffer.from(take());
    writeOn(inHand);
  }

  function writeOn(rest: Buffer): void {
    write(fd, rest, (error, written) => {
      if (error && !isBusy(error)) return giveUp();
      if (error) return void setTimeout(writeOn, BUSY_MS, rest);
      if (written < rest.length) return writeOn(rest.subarray(written));
      inHand = undefined;
      writeNext();
    });
  }

  function take(): string {
    const lines = waiting;
    const lost = dropped;
    [waiting, dropped] = ['', 0];
    return lost === 0
      ? lines
      : `${lines}${JSON.stringify({ level: 'warn', msg: `${lost} log lines were not read in time` })}\n`;
  }

  function giveUp(): void {
    isGone = true;
    [waiting, dropped, inHand] = ['', 0, undefined];
  }

  const output: LogOutput = {
    write(line) {
      if (isGone) return;
      if (waiting.length + line.length > MAX_WAITING) dropped += 1;
      else waiting += line;
      writeNext();
    },
    flushSync() {
      const until = performance.now() + LAST_LINES_MS;
      // What is in hand is on its way already, by a thread that needs no event loop.
      for (let rest = Buffer.from(take()); rest.length > 0 && !isGone;) {
        try {
          rest = rest.subarray(writeSync(fd, rest));
        } catch (error) {
          if (!isBusy(error) || performance.now() > until) return giveUp();
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
        }
      }
    },
  };
  process.once('exit', () => output.flushSync());
  return output;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY');
}
