import { describe, expect, test } from 'vitest';
import { InvalidRecord } from '../../../packages/sagaline/events/invalid-record.ts';
import { parseJson } from '../../../packages/sagaline/events/parse-json.ts';
import { parsePayload } from '../../../packages/sagaline/events/parse-payload.ts';
import { logEvents } from '../../../workflows/events/service-log.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const line = { service: 's', level: 'error', message: 'm' };
const read = (fields: object) => parsePayload(logEvents['service.log'], { ...line, ...fields });

describe('a log line is kept, whatever its trace id is', () => {
  test.each([
    ['W3C', TRACE, TRACE],
    ['upper case', TRACE.toUpperCase(), TRACE],
    ['Zipkin, 64 bits', '463ac35c9f6413ad', '0000000000000000463ac35c9f6413ad'],
    ['no span', '0', undefined],
    ['an invalid span context', '0'.repeat(32), undefined],
    ['an invalid one of 64 bits', '0'.repeat(16), undefined],
    ['empty', '', undefined],
    ['null', null, undefined],
    ['a number', 7, undefined],
    ['an object', { id: TRACE }, undefined],
  ])('%s', (_, traceId, kept) => {
    expect(read({ traceId })).toEqual(kept === undefined ? line : { ...line, traceId: kept });
  });
});

describe('a log line is kept, whatever its attributes are', () => {
  test.each([
    ['good ones are left as they are', { a: 'x', b: 1.5, c: false }, { a: 'x', b: 1.5, c: false }],
    ['null is left out', { user: null, order: 'o-1' }, { order: 'o-1' }],
    ['an object is kept as text', { http: { status: 500 } }, { http: '{"status":500}' }],
    ['a list, too', { tags: ['a', null] }, { tags: '["a",null]' }],
    ['a long text is cut', { long: 'x'.repeat(1_001), n: 1 }, { long: 'x'.repeat(1_000), n: 1 }],
    ['between code points', { long: `${'x'.repeat(999)}😀😀` }, { long: 'x'.repeat(999) }],
    ['a long name is left out', { ['n'.repeat(101)]: 1, n: 2 }, { n: 2 }],
  ])('%s', (_, attributes, kept) => {
    expect(read({ attributes })).toEqual({ ...line, attributes: kept });
  });

  test.each(['text', 7, null, ['a']])('%j is none', (attributes) => {
    expect(read({ attributes })).toEqual(line);
  });

  test('a number that JavaScript cannot hold is kept as text', () => {
    const json = `{"service":"s","level":"error","message":"m","attributes":{"id":1125899906842624123,"n":7,"e":1e400}}`;
    const payload = parsePayload(logEvents['service.log'], parseJson(Buffer.from(json)));
    expect(payload.attributes).toEqual({ id: '1125899906842624123', n: 7, e: '1e400' });
  });
});

test.each([
  ['service', { service: '' }, 'invalid-payload'],
  ['level', { level: 'loud' }, 'invalid-payload'],
  ['message', { message: '' }, 'invalid-payload'],
  ['at', { at: 'yesterday' }, 'invalid-payload'],
  ['attributes.k', { attributes: { k: 'a\0' } }, 'unsupported-characters'],
  ['attributes["k\\ud800"]', { attributes: { ['k\ud800']: 'v' } }, 'unsupported-characters'],
  ['attributes["k\\u0000"]', { attributes: { 'k\0': 'v' } }, 'unsupported-characters'],
])('what is the line itself is refused with its path: %s', (path, fields, reason) => {
  let error: unknown;
  try {
    read(fields);
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof InvalidRecord)) throw new Error('it was not refused');
  expect(error.reason).toBe(reason);
  // A name that cannot be stored is told with a sign in its place.
  if (path.includes('"')) expect(error.path).toBe('attributes["k\uFFFD"]');
  else expect(error.path).toBe(path);
});
