/** One line of a body, without its end. */
export interface Line {
  /** From 1, as editors count. */
  readonly number: number;
  /** Undefined when the line is longer than it may be. */
  readonly bytes: Uint8Array | undefined;
}

export interface LineSplitter {
  /** The lines that end within this chunk; blank ones are counted and left out. */
  push(chunk: Uint8Array): Generator<Line>;
  /** The last line, when no line feed ended it. */
  end(): Generator<Line>;
}

const LINE_FEED = 0x0a;

/** Cuts a body into lines as its chunks come, wherever they were cut. Of a line that is too long no more than the limit is kept. */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  let number = 0;
  let parts: Uint8Array[] = [];
  let size = 0;

  function take(part: Uint8Array): void {
    size += part.length;
    if (size <= maxLineBytes) parts.push(part);
    else parts = [];
  }

  function* finish(): Generator<Line> {
    number++;
    const bytes = size > maxLineBytes ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts);
    [parts, size] = [[], 0];
    if (!bytes || !isBlank(bytes)) yield { number, bytes };
  }

  return {
    *push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
        take(chunk.subarray(from, at));
        yield* finish();
        from = at + 1;
      }
      if (from < chunk.length) take(chunk.subarray(from));
    },
    *end() {
      if (size > 0) yield* finish();
    },
  };
}

/** Nothing but what JSON calls white space. */
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
