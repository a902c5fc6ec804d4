/** What the HTTP app needs from the rest: narrow, so that it can be read, and started, without it. */
import type { Failpoint } from '../ground/failpoints.ts';
import type { Database } from '../prisma/database.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { CancelRequest, Journey, Resolution, Resolved } from '../contracts/saga.ts';
import type { RecordProducer } from '../kafka/port.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import type { Logger } from '../ground/logger.ts';
import type { LiveFeed } from '../live/live-feed.ts';
import type { SearchReader } from '../pipeline/search/search-index.ts';

/** One activity as the history tells of it. */
export interface ActivityAttempts {
  /** `<step>` or `<step>.compensation`, with `#2` and so on for further activities in one step. */
  readonly activityId: string;
  /** `payment.charge` and so on. */
  readonly type: string;
  readonly attempts: number;
  /** Ran inside the worker, without a task of its own. */
  readonly local: boolean;
  /** While it is being tried again. */
  readonly retrying?: Retrying;
}

/** How the last attempt of an activity ended that is being tried again. */
export interface Retrying {
  /** Type of the failure, never its message. */
  readonly failure: string;
  /** RFC 3339; absent while an attempt runs. */
  readonly nextAttemptAt?: string;
}

/** Why a workflow's task keeps failing. */
export interface TaskProblem {
  /** Temporal's word, such as NonDeterministicError or WorkflowWorkerUnhandledFailure. */
  readonly cause: string;
  readonly attempts: number;
  /** What the failed task said: a bug's own words. For operators, never for the log. */
  readonly message?: string;
}

/** What Temporal says about one saga. `forgotten`: its retention is over; `unreachable`: nobody could be asked in time. */
export type Inspection =
  | { readonly known: 'forgotten' | 'unreachable' }
  | {
      readonly known: 'yes';
      readonly runId: string;
      /** RUNNING, COMPLETED and so on. */
      readonly status: string;
      /** Answer to the journey query; undefined when no worker answered in time. */
      readonly journey: Journey | undefined;
      readonly activities: readonly ActivityAttempts[];
      /** The workflow's task keeps failing. */
      readonly problem?: TaskProblem | undefined;
    };

/** What can be asked of, and said to, sagas in Temporal. Every call is bounded in time. */
export interface SagaWorkflows {
  inspect(workflowId: string, wants: { readonly journey: boolean }): Promise<Inspection>;
  /** @returns false when Temporal has no such saga running */
  cancel(workflowId: string, request: CancelRequest): Promise<boolean>;
  /** @throws NotParked, SagaGone, WorkerSilent */
  resolveParked(workflowId: string, request: ResolveRequest): Promise<Resolved>;
}

export interface ResolveRequest {
  readonly step: string;
  readonly resolution: Resolution;
  /** Given by the caller: a repetition gets the first one's answer. */
  readonly idempotencyKey?: string | undefined;
}

/** The step does not wait for an operator: it never parked, or somebody was faster. */
export class NotParked extends Error {
  override readonly name = 'NotParked';
}

/** Temporal has no such saga running. */
export class SagaGone extends Error {
  override readonly name = 'SagaGone';
}

/** Temporal, or a worker, did not answer in time. The request may still take effect: repeat it. */
export class WorkerSilent extends Error {
  override readonly name = 'WorkerSilent';
}

/** Whether one part of the process works, and in a few words why not. */
export interface PartState {
  readonly ok: boolean;
  readonly detail?: string;
}

/** Asks one part; may take long or throw: the caller bounds it. */
export type ReadinessCheck = () => Promise<PartState> | PartState;

/** What HTTP tells the metrics. */
export interface HttpObserver {
  requestEnded(request: { method: string; route: string; status: number; ms: number }): void;
  /** @param count one unless told */
  eventAccepted(type: string, count?: number): void;
}

export interface HttpDeps {
  readonly database: Database;
  /** For reads that may take long: a small pool of its own. `database` unless told. */
  readonly reads?: Database;
  /** PostgreSQL unless told. */
  readonly search?: SearchReader;
  /** Without it, GET /v1/live is answered 503. */
  readonly live?: LiveFeed;
  readonly producer: Pick<RecordProducer, 'send'>;
  /** What the sagas start on and follow: the event types that POST /v1/events takes. */
  readonly routes: Routes;
  readonly catalogue: Catalogue;
  readonly workflows: SagaWorkflows;
  /** Sagas that do not go on by themselves, by workflow id, as they were last looked for. None unless told. */
  readonly troubled?: () => ReadonlyMap<string, { readonly kind: 'stuck' | 'lost' }>;
  readonly readiness: Readonly<Record<string, ReadinessCheck>>;
  readonly observer: HttpObserver;
  /** The body of GET /metrics, and its content type. */
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  readonly options: HttpOptions;
}

export interface HttpOptions {
  /** Empty: anybody may call. The configuration allows that on loopback only. */
  readonly apiKeys: readonly string[];
  /** Names, beside loopback's, by which the API may be asked; undefined: any name. See middleware/same-site.ts. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly bodyLimitBytes: number;
  /** Of a whole NDJSON batch. */
  readonly batchLimitBytes: number;
  /** POST requests worked on at the same time; more are answered 429. */
  readonly maxInFlight: number;
  /** Reads worked on at the same time; more wait in order, for seconds, and too many are answered 429. */
  readonly maxReads: number;
  /** Readers of GET /v1/live at the same time; more are answered 429. */
  readonly maxLiveReaders: number;
  /** How long Kafka may take before the answer is 503, in ms. */
  readonly produceTimeoutMs: number;
  readonly temporalUi: { readonly url: string; readonly namespace: string };
}
