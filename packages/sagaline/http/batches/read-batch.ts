import { businessKeyOf, type EventValue } from '../../contracts/event.ts';
import { InvalidRecord } from '../../events/invalid-record.ts';
import { parseJson } from '../../events/parse-json.ts';
import { parsePayload } from '../../events/parse-payload.ts';
import type { ProducedRecord } from '../../kafka/port.ts';
import { Problem } from '../problem.ts';
import { createLineSplitter, type Line } from './lines.ts';

/** A line longer than this is refused: with its longest message and all of its attributes, a log line is far below. */
export const MAX_LINE_BYTES = 64 * 1024;
/** A batch has no more lines than this. */
export const MAX_LINES = 10_000;
/** Refused lines that are told one by one; the others are counted. */
export const MAX_TOLD = 100;

/** Why one line was refused. Free of the line's own values. */
export interface LineError {
  readonly line: number;
  /** A stable code, as dead letters have it; `too-large` for a line that is too long. */
  readonly reason: string;
  readonly path: string;
  readonly message: string;
}

export interface Batch {
  readonly records: readonly ProducedRecord[];
  readonly refused: number;
  readonly errors: readonly LineError[];
}

export interface BatchOptions {
  readonly event: EventValue;
  readonly maxBytes: number;
  /** Of every record. */
  readonly headers: ProducedRecord['headers'];
  /** Sees each chunk that was read. */
  readonly onChunk?: ((chunk: Uint8Array) => void) | undefined;
}

/**
 * Reads NDJSON as it comes: one event a line, each checked by the schema of its type. A bad line is refused alone.
 *
 * @throws Problem body-too-large, for the batch as a whole
 */
export async function readBatch(body: AsyncIterable<Uint8Array>, options: BatchOptions): Promise<Batch> {
  const { event, maxBytes, headers, onChunk } = options;
  const records: ProducedRecord[] = [];
  const errors: LineError[] = [];
  const splitter = createLineSplitter(MAX_LINE_BYTES);
  let [size, refused] = [0, 0];

  function read(lines: Iterable<Line>): void {
    for (const { number, bytes } of lines) {
      if (records.length + refused >= MAX_LINES) throw tooLarge(`${MAX_LINES} lines`);
      try {
        records.push(recordOf(bytes));
      } catch (error) {
        if (!(error instanceof InvalidRecord)) throw error;
        refused++;
        const { reason, path, message } = error;
        if (errors.length < MAX_TOLD) errors.push({ line: number, reason, path, message });
      }
    }
  }

  /** Plain JSON, as any other producer may send it: what identifies it is its place in Kafka. */
  function recordOf(bytes: Uint8Array | undefined): ProducedRecord {
    if (!bytes) throw new InvalidRecord('too-large', '', `a line may have ${MAX_LINE_BYTES} bytes`);
    const payload = parsePayload(event, parseJson(bytes));
    return { topic: event.type, key: businessKeyOf(event, payload), value: JSON.stringify(payload), headers };
  }

  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(`${maxBytes} bytes`);
    onChunk?.(chunk);
    read(splitter.push(chunk));
  }
  read(splitter.end());
  return { records, refused, errors };
}

/** Nothing of it was sent. The connection is closed: what is left of the body is not worth reading. */
function tooLarge(limit: string): Problem {
  return new Problem('body-too-large', `a batch may have ${limit}: send smaller ones; nothing of this one was taken`, {
    headers: { Connection: 'close' },
  });
}
