import { createRoute, z } from '@hono/zod-openapi';
import { defineRoutes, json, Problem, problems, readProjection } from 'sagaline/http';
import { Id } from 'sagaline/workflow';

const detail = createRoute({
  ...{ method: 'get', path: '/v1/gift-cards/{id}', tags: ['gift-cards'], summary: 'One gift card' },
  request: { params: z.object({ id: Id }) },
  responses: {
    200: json('The card', z.object({ id: z.string(), issued: z.boolean(), views: z.int() })),
    ...problems('not-found'),
  },
});

export const cardRoutes = defineRoutes('gift-cards', {
  register(api, { reads }) {
    api.openapi(detail, async (c) => {
      const { id } = c.req.valid('param');
      const [card] = await readProjection(
        'cards',
        () => reads.$queryRaw<{ id: string; issued: boolean; views: number }[]>`
          SELECT "id", "issued", "views" FROM "projection_cards"."cards" WHERE "id" = ${id}`,
      );
      if (!card) throw new Problem('not-found', 'there is no such gift card');
      return c.json(card, 200);
    });
  },
});
