import { randomUUID } from 'node:crypto';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  type AppEnv,
  BODY_PROBLEMS,
  defineRoutes,
  IdempotencyKey,
  idempotentRequest,
  idOf,
  IdParams,
  json,
  orProblem,
  parsePayload,
  Problem,
  problems,
  producerEventId,
  refuseConflict,
  sagaLink,
  SagaLink,
  sourceOf,
  validTraceparent,
} from 'sagaline/http';
import { EmailTaken, UserExists, createUserService, type SignedUp } from '../../../services/users/index.ts';
import { userEvents, type UserCreated } from '../../../workflows/events/user.ts';

const { schema: UserCreatedSchema } = userEvents['user.created'];
const NewUser = UserCreatedSchema.partial({ userId: true });

const SignedUpAnswer = z
  .object({ userId: z.string(), href: z.string(), eventId: z.string(), saga: SagaLink })
  .openapi('SignedUp');

const User = UserCreatedSchema.extend({
  href: z.string(),
  state: z.enum(['created', 'onboarded', 'onboarding-failed']),
  events: z.array(z.object({ type: z.string(), at: z.iso.datetime() })),
  saga: SagaLink,
}).openapi('User');

const detail = createRoute({
  method: 'get',
  path: '/v1/users/{id}',
  tags: ['users'],
  summary: 'A user who signed up here, and how far the sign-up is, as its events say',
  request: { params: IdParams },
  responses: { 200: json('The user: personal data', User), ...problems('not-found') },
});

/** POST /v1/users and GET /v1/users/:id: the sign-up service. */
export const userRoutes = defineRoutes('users', {
  register(app, { database, routes, failpoint, idempotency, guards }) {
    const users = createUserService({ database });
    document(app);

    app.post('/v1/users', ...guards.json, async (c) => {
      const wanted = orProblem(() => parsePayload(userEvents['user.created'], withUserId(c.get('body'))));
      const request = idempotentRequest(c);
      // Stored first: a repetition gets the id that the first attempt drew, however that ended.
      const { userId } = wanted;
      const user = { ...wanted, ...(request && (await idempotency.remember(request, 201, { userId }))) };
      await refuseConflict(database, routes.targetsOf('user.created', user), user, () => users.knows(user.userId));
      const answer = answerOf(await signedUp(user, validTraceparent(c.req.header('traceparent'))));
      c.set('saga', answer.saga.id);
      failpoint('http.before-answer');
      return c.json(answer, 201, { Location: answer.href });
    });

    app.openapi(detail, async (c) => {
      const user = await users.find(idOf(c));
      if (!user) throw new Problem('not-found', 'no user with this id signed up here');
      const { workflowId, events: happened, ...rest } = user;
      const history = happened.map(({ type, at }) => ({ type, at: at.toISOString() }));
      return c.json({ ...rest, events: history, href: hrefOf(user.userId), saga: sagaLink(workflowId) }, 200);
    });

    async function signedUp(user: UserCreated, traceparent: string | undefined): Promise<SignedUp> {
      try {
        return await users.signUp(user, { traceparent });
      } catch (error) {
        if (error instanceof UserExists) throw new Problem('already-exists', error.message);
        if (!(error instanceof EmailTaken)) throw error;
        throw new Problem('email-taken', error.message, {
          errors: [{ field: 'email', reason: 'belongs to another user' }],
        });
      }
    }
  },
});

/** A user id of ours for whoever brings none. */
function withUserId(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || 'userId' in body) return body;
  return { ...body, userId: `u-${randomUUID()}` };
}

const hrefOf = (userId: string): string => `/v1/users/${encodeURIComponent(userId)}`;

function answerOf({ userId, eventId, workflowId }: SignedUp) {
  return {
    userId,
    href: hrefOf(userId),
    eventId: producerEventId(sourceOf(undefined), eventId),
    saga: sagaLink(workflowId),
  };
}

function document(app: OpenAPIHono<AppEnv>): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/users',
    tags: ['users'],
    summary: 'Signs a user up: the row and its user.created are there together, and the saga starts',
    request: {
      headers: IdempotencyKey,
      body: { ...json('The user; the id is drawn when there is none', NewUser), required: true },
    },
    responses: {
      201: json(
        'Signed up; the same sign-up again, by its userId or Idempotency-Key, gives the same answer',
        SignedUpAnswer,
      ),
      ...problems('already-exists', 'email-taken', 'conflicting-duplicate', 'idempotency-key-reused', ...BODY_PROBLEMS),
    },
  });
}
