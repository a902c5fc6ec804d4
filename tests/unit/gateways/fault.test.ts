import { ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { DatabaseError } from 'pg';
import { describe, expect, test } from 'vitest';
import { faultOf } from '../../../packages/sagaline/ground/fault.ts';
import { KafkaUnavailable, RecordsRefused } from '../../../packages/sagaline/kafka/errors.ts';
import { Prisma } from '../../../packages/sagaline/prisma/generated/client.ts';

const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;

/** As grpc-js throws it, and as @temporalio/client wraps it. */
function ofTemporal(code: number, details: string): Error {
  const cause = Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
  return new ServiceError('Failed to signal Workflow', { cause });
}

/** As pg throws it. */
function ofPostgres(code: string): DatabaseError {
  return Object.assign(new DatabaseError('refused', 7, 'error'), { code, severity: 'ERROR' });
}

/** As Prisma throws it from a raw statement, with what the driver adapter made of the SQLSTATE. */
function ofPrisma(code: string, cause: object): Error {
  const meta = { driverAdapterError: { cause } };
  return new Prisma.PrismaClientKnownRequestError('Raw query failed', { code, clientVersion: '7', meta });
}

describe('what kind of failure an error is', () => {
  test.each([
    ['08006', 'outage'],
    ['40001', 'outage'],
    ['40P01', 'outage'],
    ['42501', 'outage'],
    ['42P01', 'outage'],
    ['53300', 'outage'],
    ['55P03', 'outage'],
    ['57014', 'outage'],
    ['57P01', 'outage'],
    ['22P05', 'content'],
    ['22009', 'content'],
    ['23514', 'content'],
    ['54000', 'content'],
    ['XX000', 'unknown'],
    ['P0001', 'unknown'],
  ])('SQLSTATE %s is %s, from pg and from Prisma', (code, fault) => {
    expect(faultOf(ofPostgres(code))).toBe(fault);
    expect(faultOf(ofPrisma('P2010', { kind: 'postgres', code }))).toBe(fault);
    expect(faultOf(ofPrisma('P2002', { kind: 'Whatever', originalCode: code }))).toBe(fault);
  });

  test.each([
    [1, 'outage'],
    [2, 'unknown'],
    [INVALID_ARGUMENT, 'content'],
    [4, 'outage'],
    [7, 'outage'],
    [10, 'outage'],
    [13, 'unknown'],
    [14, 'outage'],
    [16, 'outage'],
  ])('gRPC status %i is %s', (code, fault) => {
    expect(faultOf(ofTemporal(code, 'some words'))).toBe(fault);
  });

  test('a rate limit of Temporal passes, a message above its limit does not', () => {
    expect(faultOf(ofTemporal(RESOURCE_EXHAUSTED, 'namespace rate limit exceeded'))).toBe('outage');
    const tooLarge = 'grpc: received message larger than max (5000000 vs. 4194304)';
    expect(faultOf(ofTemporal(RESOURCE_EXHAUSTED, tooLarge))).toBe('content');
  });

  test('what the namespace lacks is no fault of the record', () => {
    const missing = 'Namespace default has no mapping defined for search attribute SagaState';
    expect(faultOf(ofTemporal(INVALID_ARGUMENT, missing))).toBe('outage');
    expect(faultOf(new NamespaceNotFoundError('default'))).toBe('outage');
  });

  test.each([
    ['no broker', new KafkaUnavailable('answer', 'no broker'), 'outage'],
    ['no such topic', new RecordsRefused(['order.created'], 'UNKNOWN_TOPIC_OR_PARTITION'), 'outage'],
    ['a record above the limit', new RecordsRefused(['order.created'], 'MESSAGE_TOO_LARGE'), 'content'],
    ['no free connection', new Error('timeout exceeded when trying to connect'), 'outage'],
    ['a query out of its time', new Error('Query read timeout'), 'outage'],
    ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'outage'],
    ['both addresses refuse', new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]), 'outage'],
    ['a pool without a free connection', ofPrisma('P2024', {}), 'outage'],
    ['a database that is not reachable', ofPrisma('P2010', { kind: 'DatabaseNotReachable' }), 'outage'],
    ['a text that V8 does not hold', new RangeError('Invalid string length'), 'content'],
    ['a bug', new TypeError('x is not a function'), 'unknown'],
    ['something that is no error', 'oops', 'unknown'],
    ['nothing', undefined, 'unknown'],
  ])('%s', (_, error, fault) => {
    expect(faultOf(error)).toBe(fault);
  });

  test('the outermost error that says something decides, and a ring of causes ends', () => {
    const wrapped = new Error('the offset is held', { cause: ofPostgres('57P01') });
    expect(faultOf(wrapped)).toBe('outage');
    const ring = new Error('a');
    ring.cause = new Error('b', { cause: ring });
    expect(faultOf(ring)).toBe('unknown');
  });
});
