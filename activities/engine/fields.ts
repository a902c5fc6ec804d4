/** What variables of participants usually are, checked before anything starts. */
import { z } from 'zod';

/** Up to the longest time that a Node timer can wait, in ms. */
export const milliseconds = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
/** What may stand in a header. */
export const apiKey = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII characters without spaces');
export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be a URL with http: or https:' });
