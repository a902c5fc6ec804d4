import type { Config } from '../../gateways/config.ts';
import { createKafka } from '../../gateways/kafka/kafkajs/create-kafka.ts';
import { createLogger } from '../../gateways/logger.ts';
import { createDatabase } from '../../prisma/database.ts';
import type { StackAddresses } from '../addresses.ts';
import { watchEvents } from '../events-seen.ts';
import { play, watchedTopics, type Journey } from './play.ts';
import { lineOf } from './report.ts';
import { scenes } from './scenes.ts';
import { createWorld } from './world.ts';

export interface Stage {
  readonly addresses: StackAddresses;
  /** Of the processes that run, as far as the way to the servers goes; the first API key is for the gateway. */
  readonly config: Config;
  readonly say: (text: string) => void;
}

/** Plays every scene against processes that run, all at the same time, and closes what it opened. */
export async function perform({ addresses, config, say }: Stage): Promise<Journey[]> {
  const run = Date.now().toString(36).slice(-5);
  const kafka = createKafka(config.kafka, createLogger({ name: 'demo', level: 'silent' }));
  const events = await watchEvents(kafka, `demo-${run}`, watchedTopics(scenes));
  const producer = await kafka.createProducer();
  const database = createDatabase({ ...config.database, poolSize: 2 });
  try {
    const world = createWorld({ addresses, producer, events, database, apiKey: config.http.apiKeys[0] });
    say(`playing ${scenes.length} scenes through Kafka\n`);
    return await Promise.all(
      scenes.map(async (scene) => {
        const journey = await play(scene, `${scene.name}-${run}`, world);
        say(lineOf(journey));
        return journey;
      }),
    );
  } finally {
    await Promise.all([events.close(), producer.close(), database.$disconnect()]);
  }
}
