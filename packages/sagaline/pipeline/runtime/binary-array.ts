/**
 * Arrays in PostgreSQL's binary format, one for each column of a statement. As text, which is what pg makes of an array, every
 * element is escaped here and unescaped there: for the archive, a third of all work.
 *
 * @see array_send in src/backend/utils/adt/arrayfuncs.c of PostgreSQL
 */

/** The element type's OID in pg_type, which is the same in every database. The statement must cast the parameter to it. */
const OID = { bytea: 17, int8: 20, text: 25, json: 114, float8: 701 } as const;

/** One dimension: dimensions, whether there are nulls, element type, length, lower bound. */
const HEADER_BYTES = 20;
const NULL_LENGTH = -1;

type Texts = readonly (string | null)[];

export const textArray = (values: Texts): Buffer => encodeTexts(OID.text, values);
/** @param values JSON texts */
export const jsonArray = (values: Texts): Buffer => encodeTexts(OID.json, values);

export function byteaArray(values: readonly (Buffer | null)[]): Buffer {
  const bytes = values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
  const array = begin(OID.bytea, values.length, bytes);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(value?.length ?? NULL_LENGTH, at);
    if (value) at += value.copy(array, at);
  }
  return array;
}

/** @param values decimal integers of 64 bits */
export function bigintArray(values: readonly string[]): Buffer {
  const array = begin(OID.int8, values.length, values.length * 8);
  let at = HEADER_BYTES;
  for (const value of values) at = array.writeBigInt64BE(BigInt(value), array.writeInt32BE(8, at));
  return array;
}

export function doubleArray(values: readonly number[]): Buffer {
  const array = begin(OID.float8, values.length, values.length * 8);
  let at = HEADER_BYTES;
  for (const value of values) at = array.writeDoubleBE(value, array.writeInt32BE(8, at));
  return array;
}

function encodeTexts(oid: number, values: Texts): Buffer {
  const lengths = values.map((value) => (value === null ? NULL_LENGTH : Buffer.byteLength(value)));
  const bytes = lengths.reduce((sum, length) => sum + Math.max(0, length), 0);
  const array = begin(oid, values.length, bytes);
  let at = HEADER_BYTES;
  for (const [index, length] of lengths.entries()) {
    at = array.writeInt32BE(length, at);
    const value = values[index];
    if (value) at += array.write(value, at);
  }
  return array;
}

/** Room for all elements, and the header written. */
function begin(oid: number, count: number, bytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + count * 4 + bytes);
  const dimensions = 1;
  const mayHaveNulls = 1;
  const lowerBound = 1;
  for (const [index, word] of [dimensions, mayHaveNulls, oid, count, lowerBound].entries()) {
    array.writeInt32BE(word, index * 4);
  }
  return array;
}
