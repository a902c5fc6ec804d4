import { isDeepStrictEqual } from 'node:util';
import { workflowIdOf } from 'sagaline';
import { events, isEventType } from '../../workflows/events.ts';
import type { SeenEvent } from '../events-seen.ts';
import type { Scene } from './scenes.ts';
import type { ShownSaga, World } from './world.ts';

/** What became of one scene; `problems` is empty when it ended as the scenario says. */
export interface Journey {
  readonly id: string;
  readonly story: string;
  readonly expected: string;
  readonly outcome: string | undefined;
  readonly problems: readonly string[];
  readonly steps: readonly {
    name: string;
    state: string;
    attempts: number;
    compensation?: string;
    compensationAttempts?: number;
  }[];
  readonly events: readonly string[];
  readonly ledger: { captured: number; refunded: number } | undefined;
  readonly temporalUrl: string | undefined;
}

/** Topics on which scenes end or leave a trace. */
export function watchedTopics(scenes: readonly Scene[]): string[] {
  const types = Object.keys(events).filter((type) =>
    /^(order\.(?!created|cancel-requested)|payment\.|notification\.|user\.onboard)/.test(type),
  );
  return [...new Set([...types, ...scenes.map(({ ends }) => ends)])];
}

/** Plays a scene, waits for its end on Kafka, and holds everything against what it promises. */
export async function play(scene: Scene, id: string, world: World): Promise<Journey> {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  let ending: SeenEvent | undefined;
  try {
    await scene.play(world, id);
    ending = await world.events.first(`${scene.ends} of ${id}`, ({ topic, key }) => topic === scene.ends && key === id);
    for (const topic of scene.also ?? []) {
      await world.events.first(`${topic} of ${id}`, (event) => event.topic === topic && event.key === id);
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  for (const [field, value] of Object.entries(scene.with ?? {})) {
    const found = ending?.payload[field];
    check(isDeepStrictEqual(found, value), `${field} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}`);
  }
  const outcomeIds = new Set(world.events.of(id, TERMINAL).map(({ eventId }) => eventId));
  if (scene.saga) check(outcomeIds.size === 1, `${outcomeIds.size} outcomes on Kafka, not one`);
  const ledger = scene.ledger && (await ledgerOf(world, id));
  if (scene.ledger && ledger) {
    check(
      ledger.charges === scene.ledger.captured,
      `${ledger.charges} charges in the provider's ledger, not ${scene.ledger.captured}`,
    );
    check(
      ledger.captured - ledger.refunded > 0 === scene.ledger.kept,
      `captured ${ledger.captured}, refunded ${ledger.refunded}`,
    );
  }
  const saga = scene.saga && (await world.saga(workflowIdOf(scene.saga, id)));
  return {
    id,
    story: scene.story,
    expected: scene.ends,
    outcome: ending?.topic,
    problems,
    steps: saga ? stepsOf(saga) : [],
    events: world.events.of(id, Object.keys(events).filter(isEventType)).map(({ topic }) => topic),
    ledger: ledger && { captured: ledger.captured, refunded: ledger.refunded },
    temporalUrl: saga?.temporal.url,
  };
}

const TERMINAL = ['order.completed', 'order.rejected', 'order.cancelled', 'user.onboarded', 'user.onboarding-failed'];

async function ledgerOf(world: World, orderId: string) {
  const { entries } = await world.ledger(orderId);
  const sum = (type: string) =>
    entries.filter((entry) => entry.type === type).reduce((total, { amount }) => total + amount, 0);
  return {
    charges: entries.filter(({ type }) => type === 'captured').length,
    captured: sum('captured'),
    refunded: sum('refunded'),
  };
}

function stepsOf({ steps }: ShownSaga): Journey['steps'] {
  return steps.map(({ name, state, attempts, compensation }) => ({
    name,
    state,
    attempts,
    ...(compensation ? { compensation: compensation.state, compensationAttempts: compensation.attempts } : {}),
  }));
}
