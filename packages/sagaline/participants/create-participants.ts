/** Makes participants of their values, and activities of their methods. */
import type { Database } from '../prisma/database.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { MethodsOf } from '../contracts/participant.ts';
import type { OutcomeActivities } from '../contracts/participants.ts';
import type { Failpoint } from '../ground/failpoints.ts';
import { observed, type ParticipantObserver } from './observer.ts';
import { createOutcomes } from '../outcome/outcome.ts';
import { recordEvent } from '../outbox/record-event.ts';
import { currentWorkflowId, type WorkflowId } from './workflow-id.ts';
import { createBarriers } from './barrier/create-barriers.ts';
import { createHttp } from './http.ts';
import type { AnyParticipant } from './participant.ts';
import type { BackgroundWork, Counter, ParticipantLogger, ParticipantTools } from './tools.ts';

export interface ParticipantDeps<Participants extends readonly AnyParticipant[] = readonly AnyParticipant[]> {
  readonly participants: Participants;
  /** Has what sagas emit. */
  readonly catalogue: Catalogue;
  /** The variables of a participant, as its own schemas read them. */
  readonly envOf: (participant: AnyParticipant) => object;
  readonly database: Database;
  readonly failpoint: Failpoint;
  /** Of a participant; without one, nothing is logged. */
  readonly loggerOf?: (participant: string) => ParticipantLogger;
  /** Without one, nothing is counted. */
  readonly counter?: Counter;
  /** Whose work it is, for the lineage of events; the current activity's workflow by default. */
  readonly workflowId?: WorkflowId;
  /** Told how every call of a participant ended. */
  readonly observer?: ParticipantObserver;
}

/** Temporal's activity types: participant and method, as in `payment.charge`. */
export type Activities<Participants extends readonly AnyParticipant[]> = UnionToIntersection<
  { [I in keyof Participants]: Prefixed<Participants[I]['name'], MethodsOf<Participants[I]>> }[number] | Outcomes
>;
type Outcomes = Prefixed<'outcome', OutcomeActivities>;
type Prefixed<P extends string, Methods> = { [M in keyof Methods & string as `${P}.${M}`]: Methods[M] };
type UnionToIntersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void
  ? All
  : never;

export interface ParticipantSet<Participants extends readonly AnyParticipant[]> {
  /** What a worker registers. */
  readonly activities: Activities<Participants>;
  /** To be run from time to time beside them, in any number of processes. */
  readonly background: readonly BackgroundWork[];
  /** Ends what participants opened, when no call runs any more; the database is its opener's to close. */
  readonly close: () => Promise<void>;
}

const SILENT: ParticipantLogger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** @throws TypeError when two participants have one name */
export function createParticipants<const Participants extends readonly AnyParticipant[]>(
  deps: ParticipantDeps<Participants>,
): ParticipantSet<Participants> {
  const { participants, database, workflowId = currentWorkflowId } = deps;
  refuseTwins(participants);
  const closers: (() => Promise<void> | void)[] = [];
  const background: BackgroundWork[] = [];

  const toolsOf = (participant: AnyParticipant): ParticipantTools<object> => {
    const tools = {
      env: deps.envOf(participant),
      http: createHttp(),
      logger: deps.loggerOf?.(participant.name) ?? SILENT,
      counter: deps.counter ?? (() => () => {}),
      failpoint: deps.failpoint,
      onClose: (close: () => Promise<void> | void) => void closers.push(close),
      inBackground: (work: BackgroundWork) => void background.push(work),
      ...{ database, workflowId, recordEvent },
    };
    return { ...tools, barrier: createBarriers(participant, tools) };
  };

  const methods = participants.map(
    // What the environment is to `create`, its own schemas said: a list of participants has no type for each.
    (participant) => [participant.name, participant.create(toolsOf(participant) as never)] as const,
  );
  const effects = participants.flatMap((participant) => participant.effects ?? []);
  const activities = activitiesOf(
    [...methods, ['outcome', createOutcomes(database, effects, deps.catalogue)]],
    deps.observer,
  );
  return {
    activities: activities as Activities<Participants>,
    background,
    async close() {
      await Promise.all(closers.map(async (close) => close()));
    },
  };
}

/** Participants as a flat record by activity type. */
function activitiesOf(participants: readonly (readonly [string, object])[], observer?: ParticipantObserver): object {
  const byType = participants.flatMap(([participant, methods]) =>
    Object.entries(methods as Record<string, (...input: never[]) => Promise<unknown>>).map(
      ([method, run]) =>
        [`${participant}.${method}`, observer ? observed({ participant, method }, run, observer) : run] as const,
    ),
  );
  return Object.fromEntries(byType);
}

function refuseTwins(participants: readonly AnyParticipant[]): void {
  const names = participants.map(({ name }) => name);
  const twins = names.filter((name, index) => names.indexOf(name) !== index);
  if (twins.length > 0)
    throw new TypeError(`two participants are called ${twins.join(', ')}: give each a name of its own`);
}
