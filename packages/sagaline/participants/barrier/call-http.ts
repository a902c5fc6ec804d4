import { NoUsableAnswer, type Http, type HttpAnswer, type HttpRequest } from '../http.ts';

/** How a call asks: its time is the call's. */
export type CallRequest = Omit<HttpRequest, 'withinMs'>;

/** HTTP for one call: its key and its time are bound. Failures are those of Http. */
export interface CallHttp {
  /** Asks, and changes nothing. */
  get(url: string | URL, request?: CallRequest): Promise<HttpAnswer>;
  /**
   * Changes something, once for the call's key.
   *
   * @param body sent as JSON
   */
  post(url: string | URL, body: unknown, request?: CallRequest): Promise<HttpAnswer>;
  /**
   * Makes what the URL names, however often it is asked.
   *
   * @param body sent as JSON
   */
  put(url: string | URL, body: unknown, request?: CallRequest): Promise<HttpAnswer>;
  /** Takes back what the URL names, however often it is asked. */
  delete(url: string | URL, request?: CallRequest): Promise<HttpAnswer>;
}

/** @param withinMs from now on, for all requests together */
export function bindHttp(http: Http, { key, withinMs }: { key: string; withinMs: number }): CallHttp {
  const endsAt = performance.now() + withinMs;
  const left = () => {
    const leftMs = Math.floor(endsAt - performance.now());
    if (leftMs < 1) throw new NoUsableAnswer('the call was out of time before it asked');
    return leftMs;
  };
  return {
    get: async (url, request) => http.get(url, { ...request, withinMs: left() }),
    post: async (url, body, request) => http.post(url, { ...request, key, body, withinMs: left() }),
    put: async (url, body, request) => http.put(url, { ...request, key, body, withinMs: left() }),
    delete: async (url, request) => http.delete(url, { ...request, key, withinMs: left() }),
  };
}
