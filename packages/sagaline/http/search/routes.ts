import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { listed } from '../../ground/in-words.ts';
import type { KindName } from '../../pipeline/search/define-search-kind.ts';
import { createPostgresReader } from '../../pipeline/search/postgresql/read.ts';
import type { AppEnv } from '../env.ts';
import type { HttpDeps } from '../ports.ts';
import { createSearchPage } from './page.ts';
import { page } from '../openapi/schemas.ts';
import { Limit } from '../openapi/params.ts';
import { json, problems } from '../openapi/responses.ts';

const Time = z.iso.datetime({ offset: true });

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

const Fragments = z.array(z.object({ text: z.string(), match: z.boolean() })).openapi('Fragments', {
  description: 'Plain text in pieces, to be escaped like any other; `match` is what was found',
});

const foundOf = (kind: z.ZodEnum) =>
  z
    .object({
      kind,
      id: z.string(),
      match: z.enum(['exact', 'words', 'similar']).openapi({
        description: 'exact: it is called so; words: it has them all; similar: nothing had, and a name is like it',
      }),
      time: z.iso.datetime(),
      state: z.string().optional(),
      title: Fragments,
      text: Fragments,
      fields: z.record(z.string(), z.union([Scalar, z.array(z.string()), z.record(z.string(), Scalar)])),
      href: z.string().optional(),
    })
    .openapi('Found');

function searchRoute(kinds: readonly KindName[]) {
  const kind = z.enum(kinds.map((one) => one.kind));
  const [first = '', ...others] = listed(kinds.map(({ plural }) => plural));
  return createRoute({
    method: 'get',
    path: '/v1/search',
    tags: ['search'],
    summary: `${first.toUpperCase()}${others.join('')} by their words; exact ids first, then the newest`,
    request: {
      query: z.object({
        q: z.string().min(1).max(256),
        kind: kind.optional(),
        from: Time.optional(),
        to: Time.optional(),
        cursor: z.string().max(1000).optional(),
        limit: Limit,
      }),
    },
    responses: { 200: json('One page', page(foundOf(kind))), ...problems('malformed-request') },
  });
}

/** GET /v1/search. */
export function searchRoutes(
  app: OpenAPIHono<AppEnv>,
  { database, search: reader }: HttpDeps,
  kinds: readonly KindName[],
): void {
  const names = kinds.map(({ kind }) => kind);
  const searchPage = createSearchPage(reader ?? createPostgresReader(database), names);
  app.openapi(searchRoute(kinds), async (c) => c.json(await searchPage(c.req.valid('query')), 200));
}
