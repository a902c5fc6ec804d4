import { Id } from '../contracts/primitives.ts';
import { workflowIdOf } from '../contracts/saga.ts';
import type { FollowUpRule, SagaRegistration } from '../kernel/definition.ts';
import { InvalidRecord } from '../events/invalid-record.ts';

/** What an event type means to one saga. */
export type Route =
  | { readonly kind: 'start'; readonly saga: SagaRegistration }
  | { readonly kind: 'followUp'; readonly saga: SagaRegistration; readonly rule: FollowUpRule };

/** A saga that an event reaches. */
export interface EventTarget {
  /** Whether it starts the saga, or reaches it while it runs. */
  readonly route: { readonly kind: 'start' | 'followUp' };
  readonly sagaId: string;
  readonly workflowId: string;
}

/** The same with all that the saga says of it. */
export interface Target extends EventTarget {
  readonly route: Route;
}

/** Tells which sagas an event reaches. */
export interface EventTargets {
  /** @throws InvalidRecord invalid-saga-id */
  targetsOf(type: string, payload: object): readonly EventTarget[];
}

/** Which event reaches which saga: read off the sagas themselves, so that a new saga needs no edit here. */
export interface Routes extends EventTargets {
  readonly sagas: readonly SagaRegistration[];
  /** Every topic that some saga listens to, in alphabetical order. */
  readonly topics: readonly string[];
  startsSaga(type: string): boolean;
  /** @throws InvalidRecord invalid-saga-id */
  targetsOf(type: string, payload: object): readonly Target[];
  /** The rule under which an event that waits in the inbox was accepted; undefined when its saga is not deployed here. */
  followUpOf(sagaName: string, type: string): (Route & { kind: 'followUp' }) | undefined;
}

/** The sagas contradict each other or themselves: a programming error, told at start. */
export class ConflictingSagas extends Error {
  override readonly name = 'ConflictingSagas';
}

/** A workflow id is `<saga name>:<saga id>`, and the name is a workflow type and an export too. */
const SAGA_NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

/** @throws ConflictingSagas naming the saga and what is wrong with it */
export function createRoutes(sagas: readonly SagaRegistration[]): Routes {
  const routes = new Map<string, Route[]>();
  const names = new Set<string>();
  for (const saga of sagas) {
    if (!SAGA_NAME.test(saga.name))
      throw new ConflictingSagas(`${saga.name} is no name for a saga: letters and digits only`);
    if (names.has(saga.name)) throw new ConflictingSagas(`two sagas are named ${saga.name}`);
    names.add(saga.name);
    for (const [type, route] of routesOf(saga)) routes.set(type, [...(routes.get(type) ?? []), route]);
  }

  return {
    sagas,
    topics: [...routes.keys()].sort(),
    startsSaga: (type) => routes.get(type)?.some(({ kind }) => kind === 'start') ?? false,
    targetsOf: (type, payload) => (routes.get(type) ?? []).map((route) => targetOf(route, payload)),
    followUpOf(sagaName, type) {
      return routes.get(type)?.find((route) => route.kind === 'followUp' && route.saga.name === sagaName) as
        (Route & { kind: 'followUp' }) | undefined;
    },
  };
}

/** One saga's routes. One type twice would make it undecided what the event means. */
function routesOf(saga: SagaRegistration): Map<string, Route> {
  const routes = new Map<string, Route>([[saga.on, { kind: 'start', saga }]]);
  for (const rule of saga.followUps) {
    if (routes.has(rule.type)) throw new ConflictingSagas(`saga ${saga.name} lists ${rule.type} twice`);
    routes.set(rule.type, { kind: 'followUp', saga, rule });
  }
  for (const type of routes.keys()) {
    if (!saga.events.some((event) => event.type === type))
      throw new ConflictingSagas(`saga ${saga.name} listens to ${type}, which has no schema`);
  }
  return routes;
}

function targetOf(route: Route, payload: unknown): Target {
  const sagaIdOf = route.kind === 'start' ? route.saga.sagaId : route.rule.sagaId;
  const sagaId = Id.safeParse(sagaIdOf(payload as never));
  if (!sagaId.success) {
    throw new InvalidRecord('invalid-saga-id', '', `the event gives no valid saga id for ${route.saga.name}`);
  }
  return { route, sagaId: sagaId.data, workflowId: workflowIdOf(route.saga.name, sagaId.data) };
}
