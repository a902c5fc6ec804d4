import { z } from '@hono/zod-openapi';
import type { AppContext } from '../env.ts';
import { Id } from '../../contracts/primitives.ts';
import { Problem, fieldProblems } from '../problem.ts';
import { SAGA_PATH_ID } from './schemas.ts';

export const SagaParams = z.object({ id: z.string().openapi({ example: 'orderSaga:o-1' }) });

/** A business key. */
export const IdParams = z.object({ id: z.string().openapi({ example: 'o-1' }) });

/** A name to filter by: free of what PostgreSQL cannot store, and of what no name has. */
export const Name = z.string().regex(/^[A-Za-z0-9_.-]{1,249}$/, 'must be letters, digits or . _ -');

/** Of a request that may be repeated: the same key, the same answer. */
export const IdempotencyKey = z.object({ 'Idempotency-Key': z.string().min(1).max(255).optional() });

/** How many items a page has at most: 50 unless told, 200 at the most. */
export const Limit = z.coerce.number().int().min(1).max(200).default(50);

/**
 * The saga that the path names, also for the log line.
 *
 * @throws Problem not-found for what cannot be a saga's id: nobody need be asked
 */
export function sagaIdOf(c: AppContext): string {
  const id = c.req.param('id') ?? '';
  if (!SAGA_PATH_ID.test(id)) throw new Problem('not-found', 'no saga has this id');
  c.set('saga', id);
  return id;
}

/**
 * The business key that the path names.
 *
 * @throws Problem not-found for what cannot be one: nobody need be asked
 */
export function idOf(c: AppContext): string {
  const id = Id.safeParse(c.req.param('id'));
  if (!id.success) throw new Problem('not-found', 'nothing has this id');
  return id.data;
}

/**
 * The parsed JSON body, as the schema wants it.
 *
 * @throws Problem invalid-content, with every field
 */
export function bodyAs<Schema extends z.ZodType>(c: AppContext, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(c.get('body'));
  if (parsed.success) return parsed.data;
  const errors = fieldProblems(parsed.error);
  const first = errors.find(({ field }) => field !== '');
  throw new Problem(
    'invalid-content',
    `${first?.field ?? 'the body'}: ${(first ?? errors[0])?.reason ?? 'is invalid'}`,
    {
      errors,
    },
  );
}
