import { createHash, randomUUID } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Resolution } from '../../contracts/saga.ts';
import { createCancelSaga } from './cancel.ts';
import type { AppContext, AppEnv } from '../env.ts';
import type { Writing } from '../guards.ts';
import { idempotentRequest } from '../idempotency.ts';
import type { HttpDeps } from '../ports.ts';
import { Problem } from '../problem.ts';
import { createResolveStep } from './resolve-step.ts';
import { CancelAccepted, CancelBody, DoneBody, ResolvedAnswer, RetryBody, SkipBody } from '../openapi/schemas.ts';
import { SagaParams, bodyAs, sagaIdOf } from '../openapi/params.ts';
import { BODY_PROBLEMS, json, problems } from '../openapi/responses.ts';

/** Each way to resolve a parked step, with the body it needs. */
const RESOLUTIONS = {
  retry: { schema: RetryBody, summary: 'Tries a parked step again' },
  skip: { schema: SkipBody, summary: 'Gives a parked step up; the outcome tells so' },
  done: { schema: DoneBody, summary: 'Marks a parked step as done elsewhere, with evidence' },
} as const;

type Action = keyof typeof RESOLUTIONS;

/** What an operator may do to a saga: cancel it, and resolve its parked steps. */
export function operatorRoutes(app: OpenAPIHono<AppEnv>, deps: HttpDeps, { idempotency, guards }: Writing): void {
  const cancelSaga = createCancelSaga({ ...deps, idempotency });
  const resolveStep = createResolveStep(deps);
  documentCancel(app);

  app.post('/v1/sagas/:id/cancel', ...guards.json, async (c) => {
    const workflowId = sagaIdOf(c);
    const { reason, by = 'http' } = bodyAs(c, CancelBody);
    const request = idempotentRequest(c);
    const cancel = { reason, by, requestId: request ? digest(request.caller, request.key) : randomUUID() };
    return c.json(await cancelSaga(workflowId, cancel, request), 202);
  });

  for (const action of Object.keys(RESOLUTIONS) as Action[]) {
    documentResolution(app, action);
    app.post(`/v1/sagas/:id/parked/:step/${action}`, ...guards.json, async (c) => {
      const workflowId = sagaIdOf(c);
      const resolution = resolutionOf(c, action);
      const request = idempotentRequest(c);
      const idempotencyKey = request && digest(request.caller, request.key, request.hash);
      return c.json(await resolveStep(workflowId, { step: stepOf(c), resolution, idempotencyKey }), 200);
    });
  }
}

function resolutionOf(c: AppContext, action: Action): Resolution {
  if (action === 'retry') return { action, ...bodyAs(c, RetryBody) };
  if (action === 'skip') return { action, ...bodyAs(c, SkipBody) };
  return { action, ...bodyAs(c, DoneBody) };
}

function stepOf(c: AppContext): string {
  const step = c.req.param('step') ?? '';
  if (!/^[\w .-]{1,100}$/.test(step)) throw new Problem('not-found', 'no step has this name');
  return step;
}

/** Keys may hold anything: what travels on is their digest. */
function digest(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function documentCancel(app: OpenAPIHono<AppEnv>): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/sagas/{id}/cancel',
    tags: ['operator'],
    summary: 'Asks a saga to cancel; one that is past its pivot answers with an event that it is too late',
    request: { params: SagaParams, body: { ...json('Why, and by whom', CancelBody), required: true } },
    responses: {
      202: json('The saga has been asked', CancelAccepted),
      ...problems('not-found', 'saga-over', 'saga-lost', 'idempotency-key-reused', ...BODY_PROBLEMS),
    },
  });
}

function documentResolution(app: OpenAPIHono<AppEnv>, action: Action): void {
  const { schema, summary } = RESOLUTIONS[action];
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: `/v1/sagas/{id}/parked/{step}/${action}`,
    tags: ['operator'],
    summary,
    request: {
      params: SagaParams.extend({ step: SagaParams.shape.id.openapi({ example: 'payment' }) }),
      body: { ...json('Who does so, and why', schema), required: true },
    },
    responses: {
      200: json('What was done, and by whom: of two equal requests, both get the first one’s answer', ResolvedAnswer),
      ...problems('not-found', 'not-parked', 'resolved-otherwise', 'saga-over', 'saga-lost', ...BODY_PROBLEMS),
    },
  });
}
