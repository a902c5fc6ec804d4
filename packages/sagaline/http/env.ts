import type { Context } from 'hono';

/** What middleware leaves for the handlers of one request. */
export interface AppEnv {
  Variables: {
    requestId: string;
    /** Which API key called, as a fingerprint: idempotency keys of two callers never meet. */
    caller: string;
    /** The strictly parsed JSON body of a POST request. */
    body: unknown;
    /** The saga that the request is about, for the log line. */
    saga?: string;
  };
}

/** One request of the API. */
export type AppContext = Context<AppEnv>;
