/** Lines about something that takes a while: that it begins, how far it is, and what it took. */
const EVERY_MS = 5_000;

export type Report = (message: string) => void;

/** Standard output belongs to the command that waits. */
export const toStandardError: Report = (message) => void process.stderr.write(`${message}\n`);

export interface Progress {
  /** So many more bytes are here. */
  readonly add: (bytes: number) => void;
  /** It is over, well or badly. */
  readonly end: () => void;
  /** Says what it took. */
  readonly done: () => void;
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** @param bytes of the whole, as the pinned list says */
export function startProgress(what: string, bytes: number, report: Report): Progress {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  let received = 0;
  report(`  ${what}: downloading ${megabytes(bytes)} …`);
  const timer = setInterval(
    () => report(`  ${what}: ${megabytes(received)} of ${megabytes(bytes)} after ${seconds()}`),
    EVERY_MS,
  );
  timer.unref();
  const end = () => clearInterval(timer);
  return {
    // What had to be sent twice is not more than there is.
    add: (more) => void (received = Math.min(received + more, bytes)),
    end,
    done: () => {
      end();
      report(`  ${what}: here after ${seconds()}`);
    },
  };
}
