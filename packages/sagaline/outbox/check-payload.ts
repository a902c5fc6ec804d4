import { z } from 'zod';
import { isStorable, storableText } from '../contracts/text.ts';
import type { EventValue, PayloadOf } from '../contracts/event.ts';

/** One thing that is wrong with a payload, and where. Both are free of its values, which may be personal data. */
export interface PayloadProblem {
  /** Path in the payload such as `items[0].sku`; empty for the payload as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A payload that is valid, or what is wrong with it. */
export type CheckedPayload<E extends EventValue> =
  | { readonly payload: PayloadOf<E>; readonly fault?: undefined }
  | { readonly fault: 'schema' | 'characters'; readonly problems: readonly [PayloadProblem, ...PayloadProblem[]] };

/** Checks a payload against the schema of its event; unknown fields are dropped. Whoever reads or writes events uses this. */
export function checkPayload<E extends EventValue>({ schema }: E, value: unknown): CheckedPayload<E> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [first, ...more] = parsed.error.issues.map(({ path, message }) => ({
      path: z.core.toDotPath(path),
      message,
    }));
    return { fault: 'schema', problems: [first ?? { path: '', message: 'is invalid' }, ...more] };
  }
  const unstorable = findUnstorable(parsed.data, []);
  if (unstorable) {
    const path = z.core.toDotPath([...unstorable]);
    return { fault: 'characters', problems: [{ path, message: 'must not contain U+0000 or unpaired surrogates' }] };
  }
  return { payload: parsed.data as PayloadOf<E> };
}

/** The path of the first text that cannot be stored, be it a name. Recursion is bounded here by the schema's own depth. */
function findUnstorable(value: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
  if (typeof value === 'string') return !isStorable(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : storableText(key, key.length)];
    const found = !isStorable(key) ? at : findUnstorable(inner, at);
    if (found) return found;
  }
  return undefined;
}
