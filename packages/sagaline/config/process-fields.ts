/** What single variables of the engine may be, and what becomes of their text. */
import { z } from 'zod';
import { msOf } from '../kernel/duration.ts';

export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
export const address = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$/, 'must be host:port');
export const list = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().min(1)).min(1));
export const addresses = list.pipe(z.array(address));
export const apiKeys = list.pipe(
  z.array(
    z
      .string()
      .regex(/^[\x21-\x7e]{16,}$/, 'needs 16 or more printable characters')
      .refine(
        isHardToGuess,
        'has too few different characters, or repeats itself; for a better one: openssl rand -hex 16',
      ),
  ),
);
/** As browsers and others put it into Host, without a port. */
export const hostName = z
  .string()
  .regex(/^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/, 'must be a host name or address without a port')
  .transform((host) => host.toLowerCase().replace(/\.$/, ''));
/** A file that is read, and tried, before anything starts. */
export const file = z.string().optional();

/** Nobody's key by chance, but by hand: sixteen random digits have eight different ones, and nothing random repeats itself. */
function isHardToGuess(key: string): boolean {
  const isRepeated = `${key}${key}`.indexOf(key, 1) < key.length;
  return new Set(key).size >= 6 && !isRepeated;
}

/** Checked here, by the kernel's own rule: in a saga's input a misspelt duration would hold that saga until a deploy. */
function durationCheck({ value, issues }: z.core.ParsePayload<string | number>): void {
  try {
    msOf(value);
  } catch (error) {
    issues.push({ code: 'custom', input: value, message: error instanceof Error ? error.message : String(error) });
  }
}

/** `{ "orderSaga": { "deadline": "1 hour" } }`: durations that override a saga definition's settings for new sagas. */
export const sagaSettings = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('must be a JSON object such as {"orderSaga":{"deadline":"1 hour"}}');
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()]).check(durationCheck))));
