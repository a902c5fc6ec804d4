import { describe, expect, test } from 'vitest';
import { createBurialRule } from '../../../packages/sagaline/ingest/burial-rule.ts';
import { aRecord } from './records.ts';

const HOLD_MS = 1_000;

function aRule() {
  let now = 0;
  const rule = createBurialRule(HOLD_MS, () => now);
  return { rule, pass: (ms: number) => (now += ms) };
}

const record = (offset: number, topic = 'order.created') => aRecord({ offset: String(offset), topic });

describe('a record that fails alone', () => {
  test('is never buried for an outage', () => {
    const { rule, pass } = aRule();
    expect(rule.mayBury(record(1), 'outage')).toBe(false);
    pass(HOLD_MS * 100);
    rule.gotThrough('order.created');
    expect(rule.mayBury(record(1), 'outage')).toBe(false);
  });

  test('is buried at once for its content', () => {
    expect(aRule().rule.mayBury(record(1), 'content')).toBe(true);
  });

  test('is held for its content when twenty before it were buried and none got through', () => {
    const { rule, pass } = aRule();
    for (let offset = 0; offset < 20; offset++) {
      expect(rule.mayBury(record(offset), 'content')).toBe(true);
      rule.buried(record(offset));
    }
    expect(rule.mayBury(record(20), 'content')).toBe(false);
    expect(rule.mayBury(record(20, 'user.created'), 'content')).toBe(true);
    pass(HOLD_MS);
    expect(rule.mayBury(record(20), 'content')).toBe(true);
    rule.buried(record(20));
    expect(rule.mayBury(record(21), 'content')).toBe(false);
    rule.gotThrough('order.created');
    expect(rule.mayBury(record(21), 'content')).toBe(true);
  });

  test('is buried for an unknown failure after a while, if another one of its topic got through since', () => {
    const { rule, pass } = aRule();
    rule.gotThrough('order.created');
    pass(1);
    expect(rule.mayBury(record(1), 'unknown')).toBe(false);
    pass(HOLD_MS);
    expect(rule.mayBury(record(1), 'unknown')).toBe(false);
    rule.gotThrough('user.created');
    expect(rule.mayBury(record(1), 'unknown')).toBe(false);
    rule.gotThrough('order.created');
    expect(rule.mayBury(record(1), 'unknown')).toBe(true);
    // Not yet one that has just begun to fail.
    expect(rule.mayBury(record(2), 'unknown')).toBe(false);
  });
});
