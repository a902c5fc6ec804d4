import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSplitter } from '../../../packages/sagaline/http/batches/lines.ts';

const LIMIT = 12;

/** Bodies that are rich in line ends, blanks, lines at the limit, and characters of several bytes. */
const body = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r\n', ' ', '\t', 'é', '결제', '😀', 'x'.repeat(LIMIT), 'x'.repeat(LIMIT + 1)),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join('')));

/** Where to cut a body, as fractions of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

function linesOf(chunks: readonly Uint8Array[]) {
  const splitter = createLineSplitter(LIMIT);
  const lines = [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()];
  return lines.map(({ number, bytes }) => ({ number, text: bytes && Buffer.from(bytes).toString('latin1') }));
}

/** What a body's lines are, said in the simplest way. */
const expected = (bytes: Buffer) =>
  bytes
    .toString('latin1')
    .split('\n')
    .map((text, index) => ({ number: index + 1, text: text.length > LIMIT ? undefined : text }))
    .filter(({ text }) => text === undefined || /[^ \t\r]/.test(text));

test('any way to cut a body into chunks gives the same lines', () => {
  fc.assert(
    fc.property(body, cuts, (bytes, at) => {
      expect(linesOf(cut(bytes, at))).toEqual(expected(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('of a line that never ends, no more than the limit is kept', () => {
  const before = process.memoryUsage().arrayBuffers;
  const splitter = createLineSplitter(1_000);
  // 256 MiB, each chunk with memory of its own: it can only be freed when the splitter lets go of it.
  let lines = 0;
  for (let at = 0; at < 4 * 1024; at++) lines += [...splitter.push(new Uint8Array(64 * 1024).fill(0x78))].length;
  expect([...splitter.end()]).toEqual([{ number: 1, bytes: undefined }]);
  expect(lines).toBe(0);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * 1024 * 1024);
});
