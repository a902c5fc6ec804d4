import type { Config } from 'sagaline/dev';
import { createDatabase, createKafka, createLogger } from 'sagaline/dev';
import type { StackAddresses } from 'sagaline/dev';
import type { Application } from '../application.ts';
import { watchEvents } from '../events-seen.ts';
import { createActWorld } from './pipeline/act.ts';
import { playActs, type PlayedAct } from './pipeline/play-acts.ts';
import { play, watchedTopics, type Journey } from './play.ts';
import { lineOf } from './report.ts';
import { scenes } from './scenes.ts';
import { createWorld } from './world.ts';

export interface Stage {
  readonly addresses: StackAddresses;
  /** Of the processes that run, as far as the way to the servers goes; the first API key is for the gateway. */
  readonly config: Config;
  readonly say: (text: string) => void;
  /** The pipeline's process, if it is ours. */
  readonly pipeline?: Application;
}

export interface Performance {
  readonly journeys: readonly Journey[];
  readonly acts: readonly PlayedAct[];
}

/**
 * Plays against processes that run, and closes what it opened: every scene at the same time, then the acts of the pipeline one
 * after the other.
 */
export async function perform({ addresses, config, say, pipeline }: Stage): Promise<Performance> {
  const run = Date.now().toString(36).slice(-5);
  const kafka = createKafka(config.kafka, createLogger({ name: 'demo', level: 'silent' }));
  const events = await watchEvents(kafka, `demo-${run}`, watchedTopics(scenes));
  const producer = await kafka.createProducer();
  const database = createDatabase({ ...config.database, poolSize: 2 });
  try {
    const world = createWorld({ addresses, producer, events, database, apiKey: config.http.apiKeys[0] });
    say(`playing ${scenes.length} scenes through Kafka\n`);
    const journeys = await Promise.all(
      scenes.map(async (scene) => {
        const journey = await play(scene, `${scene.name}-${run}`, world);
        say(lineOf(journey));
        return journey;
      }),
    );
    const acts = await playActs(createActWorld({ addresses, config, run, pipeline, world }), say);
    return { journeys, acts };
  } finally {
    await Promise.all([events.close(), producer.close(), database.$disconnect()]);
  }
}
