/** An append-only file of JSON lines, forced to disk before anybody is told: what was answered survives a kill at any instant. */
import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Journal<Entry> {
  /** Everything that was in the file when it was opened, oldest first. */
  readonly entries: readonly Entry[];
  /**
   * Resolves once the entry is on disk. Entries that wait together share one write and one fsync. After a failed write (a full
   * disk) every later one fails too, until the file is opened anew: half a line may be at its end.
   */
  append(entry: Entry): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a journal, and creates it where there is none. A last line that a crash tore is cut off: nobody was told of it.
 *
 * @param parse turns one line's JSON into an entry, and throws on what it does not know
 */
export async function openJournal<Entry>(path: string, parse: (line: unknown) => Entry): Promise<Journal<Entry>> {
  await mkdir(dirname(path), { recursive: true });
  const entries = await readEntries(path, parse);
  const file = await open(path, 'a');
  let waiting: string[] = [];
  let flushed = Promise.resolve();

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const lines = waiting.join('');
    waiting = [];
    await file.appendFile(lines);
    await file.datasync();
  }

  return {
    entries,
    append(entry) {
      waiting.push(`${JSON.stringify(entry)}\n`);
      flushed = flushed.then(flush);
      return flushed;
    },
    async close() {
      await flushed;
      await file.close();
    },
  };
}

async function readEntries<Entry>(path: string, parse: (line: unknown) => Entry): Promise<Entry[]> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  if (whole.length < bytes.length) await truncate(path, whole.length);
  const lines = whole.toString('utf8').split('\n').slice(0, -1);
  return lines.map((line) => parse(JSON.parse(line)));
}
