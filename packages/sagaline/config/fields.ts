/** What variables usually are, of participants and views as of the engine: checked before anything starts. */
import { z } from 'zod';
import { msOf } from '../kernel/duration.ts';

/** Up to the longest time that a Node timer can wait, in ms. */
export const milliseconds = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
/** What may stand in a header. */
export const apiKey = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII characters without spaces');
/** An `http:` or `https:` URL. */
export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be a URL with http: or https:' });
/** A whole number. */
export const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/** A time such as '30 minutes' or '90s', in ms; a number alone is ms. */
export function duration(min: string, max: string) {
  const inMs = (text: string): number => msOf(/^\d+$/.test(text) ? Number(text) : text);
  const bounds = `must be a time from ${min} to ${max}, such as '90s' or '30 minutes'`;
  return z.string().transform((text, context) => {
    try {
      const ms = inMs(text);
      if (Number.isInteger(ms) && ms >= inMs(min) && ms <= inMs(max)) return ms;
    } catch {
      // No duration at all: the same words help.
    }
    context.addIssue(bounds);
    return z.NEVER;
  });
}
