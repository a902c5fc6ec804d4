import { type Config, fetchJson, type StackAddresses, UnexpectedAnswer } from 'sagaline/dev';
import type { Application } from '../../application.ts';
import type { World } from '../world.ts';

/** What an act can do: all of it from outside. */
export interface ActWorld extends Pick<World, 'produceAll' | 'until'> {
  readonly addresses: StackAddresses;
  readonly config: Config;
  /** Part of every name, so that two runs do not meet. */
  readonly run: string;
  /** The pipeline's process, if it is ours to kill. */
  readonly pipeline: Application | undefined;
  /** Asks the gateway. */
  readonly get: <T>(path: string) => Promise<T>;
  readonly post: <T>(path: string, body: unknown) => Promise<T>;
}

export interface Act {
  readonly name: string;
  readonly story: string;
  /** Says in a few words what was seen. @throws ActFailed, or what the servers say */
  play(world: ActWorld): Promise<string>;
}

/** What was seen is not what the act promises. */
export class ActFailed extends Error {
  override readonly name = 'ActFailed';
}

export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new ActFailed(otherwise);
}

interface Deps extends Pick<ActWorld, 'addresses' | 'config' | 'run' | 'pipeline'> {
  readonly world: World;
}

export function createActWorld({ world, ...rest }: Deps): ActWorld {
  const [apiKey] = rest.config.http.apiKeys;
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const url = (path: string) => `${rest.addresses.gatewayUrl}${path}`;
  return {
    ...rest,
    produceAll: (topic, values) => world.produceAll(topic, values),
    until: (what, look, withinMs) => world.until(what, look, withinMs),
    get: (path) => fetchJson(url(path), undefined, headers),
    post: (path, body) => fetchJson(url(path), body, headers),
  };
}

/** Whether the views are there to be read. */
export async function isServed(world: ActWorld): Promise<boolean> {
  try {
    await summary(world);
    return true;
  } catch (error) {
    if (error instanceof UnexpectedAnswer && error.status === 503) return false;
    throw error;
  }
}

/** The last hour and what belongs to the next: the demo's own events, whatever window they fall into. */
export const summary = (world: ActWorld): Promise<Summary> => world.get('/v1/stats/summary?window=1h');

interface Summary {
  readonly activity: { readonly signUps: number; readonly actions: readonly { action: string; count: number }[] };
}

export const secondsSince = (began: number): string => `${((performance.now() - began) / 1000).toFixed(2)} s`;
