import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { write } from '../../../activities/notification/templates.ts';

const templates = ['order-paid', 'order-rejected', 'welcome', 'follow-up', 'error-burst'] as const;

describe('templates', () => {
  test.each([
    { amount: 1999, currency: 'EUR', shown: '€19.99' },
    { amount: 1999, currency: 'KRW', shown: '₩1,999' },
    { amount: 1999, currency: 'KWD', shown: '1.999' },
  ])('$amount minor units of $currency read as $shown', ({ amount, currency, shown }) => {
    expect(write('order-paid', 'o-1', { amount, currency }).text).toContain(shown);
  });

  test.each(templates)('%s leaves missing values out', (template) => {
    const { subject, text, short } = write(template, 'o-1');
    expect(`${subject}${text}${short}`).not.toMatch(/undefined|NaN|, \./);
  });

  test.each(templates)('%s lets no value add a line, a header or markup', (template) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (subjectId, name) => {
        const nasty = `${name}\r\nBcc: eve@customer.example\u2028<script>`;
        const { subject, short, html, text } = write(template, subjectId, { name: nasty, service: nasty, at: nasty });
        expect(`${subject}${short}`).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(text).not.toMatch(/^Bcc:/m);
        expect(html).not.toContain('<script');
      }),
    );
  });

  test('an alert says which service, how many, in what time, since when', () => {
    const values = { service: 'checkout', count: 200, windowMs: 60_000, at: '2026-11-22T10:00:00.000Z' };
    const { subject, text } = write('error-burst', 'a-1', values);
    expect(subject).toBe('Alert: errors of checkout');
    expect(text).toContain('checkout has 200 errors within 60 seconds, since 2026-11-22T10:00:00.000Z.');
  });

  test('the correction says what it corrects', () => {
    const { subject, text } = write('order-rejected', 'o-77');
    expect(subject).toContain('Correction');
    expect(text).toContain('o-77');
  });
});
